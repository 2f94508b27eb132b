//! The allow-list of dependencies, package by package. An entry is made in the open.

/// What a package may depend on.
pub(super) struct Allowed {
    pub(super) folder: &'static str,
    pub(super) dependencies: &'static [&'static str],
    /// These only as optional ones, switched on by the feature `config` and by nothing else.
    pub(super) for_config: &'static [&'static str],
    /// These by the feature `serde`: what is stored or recorded.
    pub(super) for_storage: &'static [&'static str],
    pub(super) for_tests: &'static [&'static str],
}

/// A package that stands alone.
const NOTHING: Allowed = Allowed {
    folder: "",
    dependencies: &[],
    for_config: &[],
    for_storage: &[],
    for_tests: &[],
};

/// Every package, and what it may depend on. One that is not here has no rule, and is refused.
pub(super) const PACKAGES: [Allowed; 10] = [
    Allowed {
        folder: "crates/temporal-logic",
        dependencies: &["thiserror"],
        for_tests: &["allocation-counter", "criterion", "proptest"],
        ..NOTHING
    },
    Allowed {
        folder: "crates/infusion-types",
        for_storage: &["serde"],
        for_tests: &["proptest"],
        ..NOTHING
    },
    Allowed {
        folder: "crates/dose-controller",
        dependencies: &["infusion-types", "thiserror"],
        for_config: &[],
        for_storage: &["serde"],
        // Itself, with what can be stored; and that by name, so that a test can spoil one thing of it.
        for_tests: &[
            "dose-controller",
            "postcard",
            "proptest",
            "proptest-state-machine",
            "serde_json",
        ],
    },
    Allowed {
        folder: "crates/control-link",
        dependencies: &["infusion-types", "thiserror", "hmac", "sha2"],
        for_tests: &["criterion", "proptest", "proptest-state-machine"],
        ..NOTHING
    },
    // How a controller is called through C: the core's types as structures, and nothing else.
    Allowed {
        folder: "crates/controller-abi",
        dependencies: &["infusion-types", "dose-controller"],
        for_tests: &["cbindgen"],
        ..NOTHING
    },
    // The shipped controller as a shared library.
    Allowed {
        folder: "crates/builtin-controller",
        dependencies: &[
            "infusion-types",
            "dose-controller",
            "controller-abi",
            "postcard",
        ],
        for_config: &[],
        for_storage: &[],
        for_tests: &[],
    },
    Allowed {
        folder: "crates/infusion-device",
        dependencies: &["infusion-types", "libm"],
        for_config: &["serde", "schemars"],
        for_storage: &[],
        for_tests: &["proptest"],
    },
    Allowed {
        folder: "crates/virtual-patient",
        dependencies: &["libm"],
        for_config: &["serde", "schemars"],
        for_storage: &[],
        for_tests: &["proptest"],
    },
    Allowed {
        folder: "sim",
        dependencies: &[
            "infusion-types",
            "dose-controller",
            "infusion-device",
            "virtual-patient",
            "temporal-logic",
            "annotate-snippets",
            "anstream",
            "anyhow",
            "arrow-array",
            "arrow-schema",
            "chacha20",
            "clap",
            "cmaes",
            "comfy-table",
            "control-link",
            "controller-abi",
            "crc32fast",
            "indicatif",
            "libloading",
            "libm",
            "parquet",
            "postcard",
            "quick-junit",
            "rand",
            "rayon",
            "rustix",
            "schemars",
            "serde",
            "serde_json",
            "sha2",
            "statrs",
            "thiserror",
            "tokio",
            "toml",
            "tracing",
            "tracing-subscriber",
            "twox-hash",
        ],
        for_config: &[],
        for_storage: &[],
        for_tests: &["criterion", "proptest"],
    },
    // A controller of somebody else's: it knows the words and nothing more, and its tests fly it on the bench.
    Allowed {
        folder: "sim/examples/rust",
        dependencies: &["infusion-types"],
        for_tests: &["weanbench"],
        ..NOTHING
    },
];
