namespace LongTail.Benchmarks

open System
open BenchmarkDotNet.Attributes
open BenchmarkDotNet.Configs
open BenchmarkDotNet.Jobs
open BenchmarkDotNet.Running
open BenchmarkDotNet.Toolchains.InProcess.Emit
open TorchSharp
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Optimizers

/// What a step does beside its products, each by itself, on DeiT-Tiny's 42,240 trained values (10 deep prompts, 100 classes).
[<MemoryDiagnoser>]
type Parts() =
    let backbone = Backbone.Draw(Step.deitTiny, torch.CPU, 0L)

    let model =
        new Classifier(Step.settings Precision.Float32, backbone, Step.classes, 0L, torch.CPU)

    let noise = ValueNoise.Drawn(0L, model.Parameters)
    let gnm = new Gnm(model.Parameters, 0.005, Nullable(), false, noise)
    let one = torch.zeros [| 1L |]
    let images = Augment.images ()

    // A pass without a model in it.
    let nothing = Pass(fun _ _ -> torch.zeros [||])
    let mutable step = 0L

    let moment () =
        step <- step + 1L
        Moment(step, 0, 0.005)

    let scoped work =
        use _ = torch.NewDisposeScope()
        work () |> ignore

    /// The smallest operator through TorchSharp.
    [<Benchmark>]
    member _.Operator() = one.neg().Dispose()

    [<Benchmark>]
    member _.Noise() =
        scoped (fun () -> noise.Invoke(moment (), 0))

    [<Benchmark>]
    member _.PerturbAndRestore() =
        scoped (fun () -> gnm.Gradient(nothing, moment ()))

    /// A batch of 128 by the published CIFAR pipeline, 32 to 224 pixels.
    [<Benchmark>]
    member _.Augmentation() =
        scoped (fun () -> Augment.made images (moment().Step))

/// `dotnet fsi build.fsx bench parts`: BenchmarkDotNet's table, kept in build/bench.
module Parts =
    let run () =
        let job =
            Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(15)

        let config =
            ManualConfig.Create(DefaultConfig.Instance).AddJob(job).WithArtifactsPath "build/bench"

        BenchmarkRunner.Run<Parts> config |> ignore
