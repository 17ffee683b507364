namespace LongTail.Core.Settings;

/// <summary>Where a step's gradient is taken instead of at the values themselves (method.md 1.2, 1.5).</summary>
public abstract record PerturbationSettings;

/// <summary>Gaussian neighborhood minimization: e = Radius * m(epoch) * clamp(N(0, 1/9), -1, 1) (method.md 1.2).</summary>
/// <param name="Radius">rho * dis_mul of the published code: 0.05 * 0.1 = 0.005.</param>
/// <param name="HalveEvery">E of m(e) = 0.5^floor((e-1)/E); null keeps m = 1.</param>
/// <param name="Literal">
/// The published code's m(e) to the letter: m(0) = 2, and E = -1, there meant as "off", doubles the noise every epoch.
/// </param>
public sealed record GnmSettings(double Radius, int? HalveEvery, bool Literal)
    : PerturbationSettings;

/// <summary>
/// Low-pass filtering SGD: the batch in Draws shares, each under a draw of its own of N(0, (Deviation * ||w_filter||)^2).
/// Random weight perturbation is one draw without growth.
/// </summary>
/// <param name="Growth">The deviation at the end of the run over that at its start, along a cosine; 1 keeps it.</param>
public sealed record LpfSgdSettings(double Deviation, int Draws, double Growth)
    : PerturbationSettings;

/// <summary>
/// Mixed random weight perturbation: half of the batch under filter-wise noise, with weight Mix in the gradient, half without.
/// </summary>
public sealed record RwpSettings(double Deviation, double Mix) : PerturbationSettings;

/// <summary>Sharpness-aware minimization: e = Rho * g / ||g||.</summary>
public sealed record SamSettings(double Rho) : PerturbationSettings;

/// <summary>Adaptive SAM: e = Rho * w^2 g / || |w| g ||.</summary>
public sealed record AsamSettings(double Rho) : PerturbationSettings;

/// <summary>SAM on the loss of the tail classes alone.</summary>
/// <param name="TailBelow">A class with fewer training images is of the tail (published: 20).</param>
public sealed record ImbSamSettings(double Rho, int TailBelow) : PerturbationSettings;

/// <summary>Class-wise sharpness: SAM on a loss that weighs class j by (1 - pi_j)^Gamma, added with the factor Sharpness.</summary>
public sealed record FocalSamSettings(double Rho, double Gamma, double Sharpness)
    : PerturbationSettings;
