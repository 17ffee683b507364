using System.Diagnostics;
using LongTail.Core.Data;
using LongTail.Core.Images;
using LongTail.Core.Optimizers;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>What a step costs on this machine, timed on a few images of noise: it needs no data set.</summary>
/// <param name="Images">Of the step that was timed.</param>
/// <param name="StepSeconds">An image's share of a training step.</param>
/// <param name="JudgeSeconds">An image's share of an evaluation.</param>
/// <param name="BaseMiB">Memory of the process before a step, with the model in it, or null (<see cref="Machine.PeakMemoryMiB"/>).</param>
/// <param name="ImageMiB">What an image of a step adds to it, or null.</param>
public sealed record StepTiming(
    int Images,
    double StepSeconds,
    double JudgeSeconds,
    double? BaseMiB,
    double? ImageMiB
)
{
    private const int Few = 8;
    private const int Many = 64;
    private const int Repetitions = 3;
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(0.4);

    // Long enough that a few images do not stand for the step's fixed part.
    private const double WorthTiming = 0.15;

    /// <summary>
    /// The same for all runs whose images cost alike: all that hardly changes the cost is set to one value. Its step is one
    /// pass (<see cref="Passes"/>).
    /// </summary>
    public static RunSettings Kind(RunSettings settings) =>
        Step(settings) with
        {
            Data = settings.Data with
            {
                Profile = ImbalanceProfile.Exponential,
                ImbalanceFactor = 1,
                LargestClass = null,
                TestImagesPerClass = null,
                SelectionSeed = 0,
                Broken = BrokenImages.Fail,
                PackedSide = null,
            },
            Loss = new(1, new PlainLogits(), null, null),
            Optimizer = new(
                new SgdSettings(0, 0, false, 0),
                null,
                ParameterGroups.Alike,
                null,
                null,
                1
            ),
            BatchSize = 1,
        };

    /// <summary>Memory of the process with a step of so many images, in MiB; null where it is unknown.</summary>
    public double? MemoryMiB(double images) => BaseMiB + images * ImageMiB;

    /// <summary>How many forwards with backwards a step of this perturbation takes, about.</summary>
    public static double Passes(PerturbationSettings? perturbation) =>
        perturbation switch
        {
            SamSettings or AsamSettings => 2,
            // Two forwards, three backwards.
            ImbSamSettings or FocalSamSettings => 2.5,
            _ => 1,
        };

    /// <summary>Times steps and evaluations on a device.</summary>
    /// <param name="images">Of the step; null takes as few as tell.</param>
    /// <exception cref="InputException">No such device, or no such weights.</exception>
    public static StepTiming Measure(RunSettings settings, string device, int? images)
    {
        var (step, there) = (Step(settings), Machine.Device(device));
        var known = images ?? Enough(Time(step, there, Few).StepSeconds);
        return Time(step, there, known);
    }

    private static int Enough(double secondsAnImage) =>
        (int)Math.Clamp(WorthTiming / secondsAnImage, Few, Many);

    // What a run does beside its steps.
    private static RunSettings Step(RunSettings settings) =>
        settings with
        {
            Model = settings.Model with { HeadInitial = HeadInitial.Drawn },
            Schedule = new(1, false, 0, null, new InstanceSampling(), null),
            Evaluation = EvaluationSettings.Plain,
            Seed = 0,
        };

    private static StepTiming Time(RunSettings settings, Device device, int images)
    {
        using var scope = NewDisposeScope();
        var never = CancellationToken.None;
        var noise = DataSet.Noise(settings.Data, settings.Input, images, device);
        using var apparatus = new Apparatus(
            settings with
            {
                BatchSize = images,
            },
            device,
            noise,
            resumed: false,
            never
        );
        var all = arange(images, ScalarType.Int64, device);
        int[] positions = [.. Enumerable.Range(0, images)];
        var inputs = noise.Train.Learn([new BatchOrder(0, positions)]).Single();
        Machine.GiveMemoryBack();
        Machine.ForgetPeakMemory(device);
        var before = Machine.PeakMemoryMiB(device);
        var step = Fastest(() =>
        {
            using var inner = NewDisposeScope();
            // The loss is read so that the device has done it all.
            apparatus.Step(new Moment(0, 0, 0), inputs, all, null).item<float>();
        });
        var judge = Fastest(() => apparatus.Judge(0, never));
        var peak = Machine.PeakMemoryMiB(device);
        return new(images, step / images, judge / images, before, (peak - before) / images);
    }

    /// <summary>The best of some, after one that warms up: what else the machine does can but add.</summary>
    private static double Fastest(Action action)
    {
        action();
        var all = Stopwatch.StartNew();
        var fastest = double.PositiveInfinity;
        for (var i = 0; i < Repetitions || all.Elapsed < LongEnough; i++)
        {
            var clock = Stopwatch.StartNew();
            action();
            fastest = Math.Min(fastest, clock.Elapsed.TotalSeconds);
        }
        return fastest;
    }
}
