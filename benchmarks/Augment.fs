/// `dotnet fsi build.fsx bench augment`: the published CIFAR training pipeline, ours and Pillow's in turn.
module LongTail.Benchmarks.Augment

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Text.RegularExpressions
open TorchSharp
open LongTail.Core.Data
open LongTail.Core.Settings

let private batch = 128

let private published =
    InputSettings(
        [|
            RandomCrop 4
            RandomFlip()
            AutoAugment AugmentationPolicy.Cifar10
            Cutout 16
            Resize 224
        |],
        [| ResizeShort 256; CentreCrop 224 |],
        Rgb(0.4914, 0.4822, 0.4465),
        Rgb(0.2023, 0.1994, 0.2010)
    )

/// Smooth images, as photographs are: an operation's time hangs on its values.
let images () =
    use _ = torch.NewDisposeScope()

    let large =
        torch.nn.functional.interpolate (
            torch.randn [| int64 batch; 3L; 8L; 8L |] * 60. + 128.,
            [| 32L; 32L |],
            mode = torch.InterpolationMode.Bilinear,
            align_corners = Nullable false
        )

    large.clamp((0.).ToScalar(), (255.).ToScalar()).to_type(torch.ScalarType.Byte).MoveToOuterDisposeScope()

let made images step =
    Batches.Train(images, published, 1L, step)

/// Milliseconds a batch, of so many.
let private ours images batches =
    let clock = Stopwatch.StartNew()

    for step in 1..batches do
        use _ = torch.NewDisposeScope()
        made images (int64 step) |> ignore

    clock.Elapsed.TotalMilliseconds / float batches

let private theirs workers batches =
    let script = Path.Combine(__SOURCE_DIRECTORY__, "peer_augment.py")

    let arguments =
        [
            script
            "--batches"
            $"{batches}"
            "--batch"
            $"{batch}"
            "--workers"
            $"{workers}"
        ]

    use child =
        new Process(StartInfo = ProcessStartInfo("/usr/bin/python3", arguments, RedirectStandardOutput = true))

    child.Start() |> ignore
    let text = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    let found = Regex.Match(text, @"mean ([\d.]+) ms/batch")

    if found.Success then
        Some(Double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture))
    else
        None

let run alternations =
    let images = images ()
    let second milliseconds = float batch * 1000. / milliseconds
    ours images 20 |> ignore

    let rounds =
        [
            for _ in 1..alternations -> ours images 40, theirs (torch.get_num_threads ()) 20
        ]

    printfn
        $"crop, flip, AutoAugment, cutout, resize to 224, normalise; batch {batch}, {torch.get_num_threads ()} cores"

    let mine = rounds |> List.map (fst >> second)
    printfn $"ours: {Spread.show mine} images/s"

    match
        rounds
        |> List.choose (fun (ours, theirs) -> theirs |> Option.map (fun theirs -> ours, theirs))
    with
    | [] -> printfn "no Pillow here: apt-get install python3-pil python3-torchvision"
    | pairs ->
        printfn $"Pillow: {Spread.show (pairs |> List.map (snd >> second))} images/s"
        printfn $"ours over Pillow's: {Spread.show (pairs |> List.map (fun (ours, theirs) -> theirs / ours))}"
