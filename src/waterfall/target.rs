//! What a waterfall is drawn into.

use wgpu::TextureFormat;

use crate::error::Error;

/// What a waterfall is drawn into: the properties of the host's render pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Target {
    /// Format of the colour attachment.
    pub format: TextureFormat,
    /// Samples a pixel; 1 without multisampling. Every device has 1 and 4; for others it must have been made with
    /// [`wgpu::Features::TEXTURE_ADAPTER_SPECIFIC_FORMAT_FEATURES`], and the host must make sure that its adapter
    /// supports that many for this format.
    pub samples: u32,
    /// Format of the depth-stencil attachment, if the pass has one. It is neither tested nor written.
    pub depth_stencil: Option<TextureFormat>,
    /// How the target's numbers encode colours.
    pub encoding: Encoding,
}

impl Target {
    /// A target of this format: one sample, no depth-stencil attachment, encoding by format.
    pub const fn new(format: TextureFormat) -> Self {
        Self { format, samples: 1, depth_stencil: None, encoding: Encoding::Auto }
    }

    /// Sets [`samples`](field@Self::samples): samples a pixel, 1 without multisampling.
    #[must_use]
    pub const fn samples(self, samples: u32) -> Self {
        Self { samples, ..self }
    }

    /// Sets [`depth_stencil`](field@Self::depth_stencil): the format of the pass's depth-stencil attachment.
    #[must_use]
    pub const fn depth_stencil(self, format: Option<TextureFormat>) -> Self {
        Self { depth_stencil: format, ..self }
    }

    /// Sets [`encoding`](field@Self::encoding): how the target's numbers encode colours.
    #[must_use]
    pub const fn encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Whether the shader has to output linear light.
    pub(crate) fn is_linear(&self) -> bool {
        match self.encoding {
            Encoding::Srgb => self.format.is_srgb(),
            Encoding::Linear => true,
            Encoding::Auto => {
                self.format.is_srgb()
                    || matches!(
                        self.format,
                        TextureFormat::Rgba16Float | TextureFormat::Rgba32Float | TextureFormat::Rg11b10Ufloat
                    )
            }
        }
    }

    /// Format of the strip: the target's own bytes if it is an 8-bit one, so that the strip can be copied there.
    pub(crate) fn strip_format(&self) -> TextureFormat {
        match self.format {
            TextureFormat::Bgra8Unorm | TextureFormat::Bgra8UnormSrgb => TextureFormat::Bgra8Unorm,
            _ => TextureFormat::Rgba8Unorm,
        }
    }

    pub(crate) fn check(&self, device: &wgpu::Device) -> Result<(), Error> {
        let features = device.features();
        let drawable = |format: TextureFormat| {
            let usages = format.guaranteed_format_features(features).allowed_usages;
            features.contains(format.required_features()) && usages.contains(wgpu::TextureUsages::RENDER_ATTACHMENT)
        };
        let format = self.format;
        let floats = matches!(format.sample_type(None, Some(features)), Some(wgpu::TextureSampleType::Float { .. }));
        if !floats || format.components() < 3 || !drawable(format) {
            return Err(Error::Format(format!("{format:?}")));
        }
        if let Some(format) = self.depth_stencil
            && !(format.is_depth_stencil_format() && drawable(format))
        {
            return Err(Error::DepthStencil(format!("{format:?}")));
        }
        self.check_samples(features)
    }

    fn check_samples(&self, features: wgpu::Features) -> Result<(), Error> {
        let (format, samples) = (self.format, self.samples);
        let formats = std::iter::once(format).chain(self.depth_stencil);
        let everywhere = |format: TextureFormat| {
            let flags = format.guaranteed_format_features(features).flags;
            flags.sample_count_supported(samples)
        };
        let expected = if !matches!(samples, 1 | 2 | 4 | 8 | 16) {
            "1, 2, 4, 8 or 16"
        } else if features.contains(wgpu::Features::TEXTURE_ADAPTER_SPECIFIC_FORMAT_FEATURES)
            || formats.clone().all(everywhere)
        {
            return Ok(());
        } else if samples == 4 {
            "1, since multisampling is not guaranteed for it"
        } else {
            "1 or 4, since others need the feature TEXTURE_ADAPTER_SPECIFIC_FORMAT_FEATURES"
        };
        Err(Error::Samples { format: format!("{format:?}"), samples, expected })
    }
}

/// How a target's numbers encode colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// By the format: sRGB formats and float formats take linear light, all others sRGB-encoded values.
    #[default]
    Auto,
    /// The numbers in the target are sRGB-encoded (a float target that the host shows as it is). sRGB formats encode by
    /// themselves, so with them this is the same as `Auto`.
    Srgb,
    /// The numbers handed to the target are linear light.
    Linear,
}
