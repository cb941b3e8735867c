//! A visual that can be drawn with, on X servers whose screen has another depth.

use anyhow::{Result, bail};
use winit::event_loop::ActiveEventLoop;
use winit::platform::x11::{ActiveEventLoopExtX11 as _, WindowAttributesExtX11 as _};
use winit::window::WindowAttributes;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{Depth, VisualClass};
use x11rb::rust_connection::RustConnection;

/// Attributes of a window that can be drawn on, made from these: on a screen of 16 or 30 bits with a visual of its own.
///
/// # Errors
/// The server's screen has no visual of 24 or 32 bits.
pub(crate) fn with_visual(attributes: WindowAttributes, event_loop: &ActiveEventLoop) -> Result<WindowAttributes> {
    if !event_loop.is_x11() {
        return Ok(attributes);
    }
    // A server that does not answer is found out when the window is opened.
    let Ok((connection, screen)) = RustConnection::connect(None) else { return Ok(attributes) };
    let Some(screen) = connection.setup().roots.get(screen) else { return Ok(attributes) };
    Ok(match choose(screen.root_depth, &screen.allowed_depths)? {
        None => attributes,
        Some(visual) => {
            log::debug!("the X server's screen has depth {}: the window gets visual {visual:#x}", screen.root_depth);
            attributes.with_x11_visual(visual)
        }
    })
}

/// The visual for a window on a screen of this depth; `None` for the screen's own.
fn choose(root_depth: u8, depths: &[Depth]) -> Result<Option<u32>> {
    if matches!(root_depth, 24 | 32) {
        return Ok(None);
    }
    for wanted in [24, 32] {
        let visuals = depths.iter().filter(|depth| depth.depth == wanted).flat_map(|depth| &depth.visuals);
        let found = visuals.into_iter().find(|visual| {
            let masks = (visual.red_mask, visual.green_mask, visual.blue_mask);
            visual.class == VisualClass::TRUE_COLOR && masks == (0xff_0000, 0xff00, 0xff)
        });
        if let Some(visual) = found {
            return Ok(Some(visual.visual_id));
        }
    }
    bail!(
        "the X server's screen has a depth of {root_depth} bits and no visual of 24 or 32: expected a screen of depth 24 \
         (Xorg: -depth 24, Xvfb: -screen 0 1280x1024x24, VNC: -depth 24)"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use x11rb::protocol::xproto::Visualtype;

    fn depth(depth: u8, visuals: &[(u32, VisualClass, u32)]) -> Depth {
        let visual = |&(visual_id, class, red_mask)| Visualtype {
            visual_id,
            class,
            bits_per_rgb_value: 8,
            colormap_entries: 256,
            red_mask,
            green_mask: 0xff00,
            blue_mask: 0xff,
        };
        Depth { depth, visuals: visuals.iter().map(visual).collect() }
    }

    #[test]
    fn the_screens_own_or_one_that_fits() {
        let fits = (7, VisualClass::TRUE_COLOR, 0xff_0000);
        let others = [(5, VisualClass::DIRECT_COLOR, 0xff_0000), (6, VisualClass::TRUE_COLOR, 0xff << 20)];
        let depths = [depth(16, &[fits]), depth(24, &others), depth(32, &[others[0], fits])];
        for root in [24, 32] {
            assert_eq!(choose(root, &depths).unwrap(), None);
        }
        for root in [8, 16, 30] {
            assert_eq!(choose(root, &depths).unwrap(), Some(7));
        }
        let error = choose(16, &depths[..2]).unwrap_err().to_string();
        assert!(error.contains("16 bits") && error.contains("expected a screen of depth 24"), "{error}");
    }
}
