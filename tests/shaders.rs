//! Every WGSL file passes naga's validator, with no capability beyond the core of WebGPU.

use std::path::{Path, PathBuf};

use naga::valid::{Capabilities, ValidationFlags, Validator};

fn wgsl_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            wgsl_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "wgsl") {
            found.push(path);
        }
    }
}

#[test]
fn every_shader_is_valid_without_extra_capabilities() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    wgsl_files(&root.join("shaders"), &mut files);
    let names: Vec<_> = files.iter().filter_map(|p| p.file_name()?.to_str()).collect();
    for name in ["shade.wgsl", "draw.wgsl"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    for path in &files {
        let text = std::fs::read_to_string(path).expect("a readable shader");
        let module = match naga::front::wgsl::parse_str(&text) {
            Ok(module) => module,
            Err(error) => panic!("{}", error.emit_to_string_with_path(&text, &path.display().to_string())),
        };
        let checked = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module);
        if let Err(error) = checked {
            panic!("{}", error.emit_to_string_with_path(&text, &path.display().to_string()));
        }
        // WebGL2 has neither storage nor compute.
        for (_, variable) in module.global_variables.iter() {
            let storage = matches!(
                variable.space,
                naga::AddressSpace::Storage { .. } | naga::AddressSpace::Immediate | naga::AddressSpace::WorkGroup
            );
            assert!(!storage, "{}: {:?} is {:?}", path.display(), variable.name, variable.space);
            // Hosts ask for few bind groups: everything lies in the first.
            if let Some(binding) = &variable.binding {
                assert_eq!(binding.group, 0, "{}: {:?}", path.display(), variable.name);
            }
        }
        for entry in &module.entry_points {
            assert_ne!(entry.stage, naga::ShaderStage::Compute, "{}", path.display());
        }
    }
}
