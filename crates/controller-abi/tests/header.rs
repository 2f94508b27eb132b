//! The header for C is the one that cbindgen makes of the structures as they are.

use std::path::Path;

#[test]
fn the_header_is_current() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).expect("it can be read");
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(here.join("src/codes.rs"))
        .with_src(here.join("src/layout.rs"))
        .generate()
        .expect("every structure is one of C");
    let mut made = Vec::new();
    bindings.write(&mut made);
    let made = String::from_utf8(made).expect("text");
    let path = here.join("../../sim/examples/c/weanbench_controller.h");
    if std::env::var_os("WEANBENCH_BLESS").is_some() {
        std::fs::write(&path, &made).expect("a writable tree");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept,
        "the header has moved; WEANBENCH_BLESS=1 writes it anew"
    );
}
