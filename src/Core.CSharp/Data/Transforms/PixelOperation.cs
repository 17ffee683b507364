namespace LongTail.Core.Data.Transforms;

/// <summary>What AutoAugment's and RandAugment's policies choose from.</summary>
public enum PixelOperation
{
    Identity,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
    Colour,
    Posterize,
    Solarize,
    Contrast,
    Sharpness,
    Brightness,
    AutoContrast,
    Equalize,
    Invert,
}
