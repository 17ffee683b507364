/// A folder that looks like a fresh clone that has been built, to follow the documentation in.
module LongTail.Tests.Docs.Desk

open System.Diagnostics
open System.IO
open LongTail.Core.Data
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.TempFolder
open TorchSharp

let private linked = [ "src"; "weights"; "longtail"; "build.fsx" ]

// Pages tell of weights and images that a person downloads; what a step costs hangs on their shapes alone.
let private downloaded folder =
    let fashion = Path.Combine(folder, "fashion-mnist")
    Directory.CreateSymbolicLink(fashion, FashionMnist.SystemFolder) |> ignore

    let cifar =
        Directory.CreateDirectory(Path.Combine(folder, "cifar-100-binary")).FullName

    for name, images in [ "train.bin", 50000L; "test.bin", 10000L ] do
        use file = File.Create(Path.Combine(cifar, name))
        file.SetLength(images * 3074L)

    let shape = VisionTransformerShape(224, 16, 192, 12, 3)
    use _ = torch.NewDisposeScope()
    let drawn = Backbone.Draw(shape, torch.CPU, 0L)
    let file = Path.Combine(folder, "deit_tiny_patch16_224.safetensors")
    Backbone.Save(file, drawn.Architecture, (fun name -> drawn[name]), Map.empty)

let inClone body =
    inTempFolder (fun folder ->
        for name in linked do
            let target = Path.Combine(Page.house, name)
            File.CreateSymbolicLink(Path.Combine(folder, name), target) |> ignore

        Directory.CreateDirectory(Path.Combine(folder, ".git")) |> ignore

        let experiments =
            Directory.CreateDirectory(Path.Combine(folder, "experiments")).FullName

        for script in Directory.GetFiles(Path.Combine(Page.house, "experiments"), "*.fsx") do
            File.Copy(script, Path.Combine(experiments, string (Path.GetFileName script)))

        downloaded folder
        body folder)

/// Runs a shell's commands in the folder, each a copy of what a reader types: the exit code and all that was written.
let shell (folder: string) (commands: string) =
    let info =
        ProcessStartInfo(
            "bash",
            [ "-c"; $"exec 2>&1\nset -e\n{commands}" ],
            WorkingDirectory = folder,
            RedirectStandardOutput = true
        )

    info.Environment["OMP_WAIT_POLICY"] <- "passive"
    info.Environment["LC_ALL"] <- "C.UTF-8"
    use child = Unchecked.nonNull (Process.Start info)
    let said = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, said
