//! What once broke stays mended: every file in `configs/regressions/` ends as it says.

use crate::support::{assert_as_expected, read, run, toml_files};

#[test]
fn every_regression_ends_as_it_says() {
    for path in toml_files("configs/regressions") {
        let library = read(&path, &[]);
        assert!(
            library.scenario.expect.is_some(),
            "{} expects nothing",
            path.display()
        );
        let runs = run(&library);
        assert_as_expected(&path, &library, &runs);
    }
}
