//! temporary
use std::sync::atomic::AtomicBool;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let library = match weanbench::config::Library::read(args[0].as_ref(), &args[1..]) {
        Ok(l) => l,
        Err(e) => { for d in e { eprintln!("{}", d.render(false)); } std::process::exit(2) }
    };
    let runs = weanbench::study::cohort::run(&library, &AtomicBool::new(false), &|| ());
    let s = weanbench::study::summary::Summary::new("x", &library, &runs);
    println!("{}", serde_json::to_string_pretty(&s).unwrap());
}
