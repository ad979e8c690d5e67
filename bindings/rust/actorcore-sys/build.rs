//! Finds the installed library by pkg-config. A crate that links a program hands on `DEP_ACTORCORE_RPATH`, so that the
//! program finds the library where it was built against it, without any setting.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let version = env!("CARGO_PKG_VERSION");
    let found = pkg_config::Config::new().atleast_version(version).probe("actorcore").unwrap_or_else(|why| {
        eprintln!("libactorcore {version} was not found: {why}");
        eprintln!("Install it, and if it is in a prefix of its own set PKG_CONFIG_PATH=PREFIX/lib/pkgconfig.");
        std::process::exit(1)
    });
    for folder in &found.link_paths {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
    let folders = std::env::join_paths(&found.link_paths).expect("a link path has a colon in it");
    println!("cargo:rpath={}", folders.to_string_lossy());
}
