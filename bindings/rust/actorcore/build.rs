//! Programs of this package find the library where pkg-config found it, and packages that depend on
//! it are told the place in turn, as `DEP_ACTORCORE_SAFE_RPATH`.

fn main() {
    // Packages in other folders use this file too, so it is not named by a path.
    println!("cargo:rerun-if-env-changed=DEP_ACTORCORE_RPATH");
    let told = ["DEP_ACTORCORE_RPATH", "DEP_ACTORCORE_SAFE_RPATH"].map(std::env::var);
    let Some(folders) = told.into_iter().find_map(Result::ok) else { return };
    println!("cargo:rpath={folders}");
    for folder in std::env::split_paths(&folders) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
}
