//! The error message if no graphics adapter can draw on the window.

use std::fmt::Write as _;

/// Environment variables that can hide adapters.
const HIDING: [&str; 6] = [
    "WGPU_BACKEND",
    "VK_ICD_FILENAMES",
    "VK_DRIVER_FILES",
    "VK_LOADER_DRIVERS_DISABLE",
    "VK_LOADER_DRIVERS_SELECT",
    "LIBGL_DRIVERS_PATH",
];

/// What is missing, and what to install or try. `others` are the adapters that cannot draw on the window.
pub(super) fn text(others: &[String], variable: impl Fn(&str) -> Option<String>) -> String {
    let mut text = match others {
        [] => "no graphics driver was found: neither Vulkan nor OpenGL offers an adapter".to_owned(),
        _ => format!("no graphics adapter can draw on this window (found: {})", others.join(", ")),
    };
    for name in HIDING {
        if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
            let _ = write!(text, "\n  {name}={value} is set, which may hide adapters: try without it");
            if name == "WGPU_BACKEND" {
                text += " (expected some of vulkan, metal, dx12, gl)";
            }
        }
    }
    text += "\n  No graphics card is needed, only a driver; a software driver is enough.\
             \n  Debian, Ubuntu:  apt install mesa-vulkan-drivers\
             \n  Fedora:          dnf install mesa-vulkan-drivers\
             \n  Arch:            pacman -S vulkan-swrast";
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_what_hides_adapters_and_what_to_install() {
        let nothing = text(&[], |_| None);
        assert!(nothing.starts_with("no graphics driver") && nothing.contains("mesa-vulkan-drivers"), "{nothing}");
        assert!(!nothing.contains("is set"), "{nothing}");
        let hidden = text(&[], |name| (name == "VK_ICD_FILENAMES").then(|| "/nonexistent".to_owned()));
        assert!(hidden.contains("VK_ICD_FILENAMES=/nonexistent is set"), "{hidden}");
        let other = text(&["\"llvmpipe\"".to_owned()], |_| None);
        assert!(other.contains("\"llvmpipe\"") && !other.contains("no graphics driver"), "{other}");
    }
}
