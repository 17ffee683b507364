/// `dotnet fsi build.fsx bench decode`: JPEG decoding and random resized crop to 224, beside Pillow.
module LongTail.Benchmarks.Decoding

open System
open System.Diagnostics
open System.Globalization
open System.IO
open Argu
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Images
open LongTail.Core.Settings

type Options =
    | Photos of string
    | Images of int
    | Alternations of int

    interface IArgParserTemplate with
        member option.Usage =
            match option with
            | Photos _ -> "folder of JPEG files (../shared/data/photos/imagenet-sample)"
            | Images _ -> "images a measurement (1000)"
            | Alternations _ -> "measurements of each (7)"

let private batch = 50

/// Images a second through the loader, as a training run has them.
let private ours folder images threads =
    let files =
        Directory.GetFiles folder
        |> Array.filter (fun file ->
            [ ".jpg"; ".jpeg" ]
            |> List.exists (fun ending -> file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        |> Array.map (fun file -> string (Path.GetFileName file))

    let list = Path.GetTempFileName()
    File.WriteAllLines(list, files |> Array.map (fun file -> $"{file} 0"))
    let source = FileImages(ImageList.Read list, folder)
    File.Delete list
    let loader = Prefetcher(source, RandomFraming 224, 0L, BrokenImages.Fail, threads)

    let deliver images =
        seq {
            for step in 0 .. images / batch - 1 ->
                BatchOrder(int64 step, [| for i in 0 .. batch - 1 -> (step * batch + i) % files.Length |])
        }
        |> loader.Deliver
        |> Seq.iter (fun images -> images.Dispose())

    fun () ->
        deliver batch
        let watch = Stopwatch.StartNew()
        deliver images
        float images / watch.Elapsed.TotalSeconds

/// Debian's interpreter is the one that has Debian's Pillow.
let private pillow folder (images: int) (processes: int) () =
    let script = Path.Combine(__SOURCE_DIRECTORY__, "pillow_decode.py")

    let info =
        ProcessStartInfo("/usr/bin/python3", [ script; folder; $"{images}"; $"{processes}" ])

    info.RedirectStandardOutput <- true
    use child = new Process(StartInfo = info)
    child.Start() |> ignore
    let text = child.StandardOutput.ReadToEnd()
    child.WaitForExit()

    if child.ExitCode <> 0 then
        raise (
            InputException
                $"{script} ended with code {child.ExitCode}: `apt-get install python3-pil` brings what it needs"
        )

    Double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture)

let main arguments =
    let given =
        ArgumentParser.Create<Options>("dotnet fsi build.fsx bench decode").Parse arguments

    let folder =
        given.GetResult(
            Photos,
            Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "shared", "data", "photos", "imagenet-sample")
        )

    let images, alternations =
        given.GetResult(Images, 1000), given.GetResult(Alternations, 7)

    if not (Directory.Exists folder) then
        raise (InputException $"there are no photos in {folder}: --photos FOLDER names others")

    for cores in [ 1; 2 ] do
        let mine = ours folder images cores
        let theirs = pillow folder images cores
        let pairs = List.init alternations (fun _ -> mine (), theirs ())
        let ratios = pairs |> List.map (fun (a, b) -> a / b)
        let mine, theirs = List.unzip pairs

        printfn
            $"{cores} threads beside {cores} of Pillow's processes: ours %.0f{Spread.median mine} images/s, Pillow %.0f{Spread.median theirs}, {Spread.show ratios} times"
