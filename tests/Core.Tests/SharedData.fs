/// Real data that tests compare against: it lies beside the repository, never in it.
module LongTail.Tests.SharedData

open System
open System.Diagnostics
open System.IO
open Expecto

let private variable name =
    match Environment.GetEnvironmentVariable name with
    | null
    | "" -> None
    | value -> Some value

let rec private upwards (folder: DirectoryInfo) =
    seq {
        yield folder.FullName

        match folder.Parent with
        | null -> ()
        | parent -> yield! upwards parent
    }

/// Folders that may hold the shared data: above this repository, and beside a golden file that is given.
let private candidates path =
    [
        __SOURCE_DIRECTORY__
        yield! variable "LONGTAIL_GOLDEN" |> Option.map Path.GetFullPath |> Option.toList
    ]
    |> Seq.collect (fun start -> upwards (DirectoryInfo start))
    |> Seq.collect (fun folder -> [ Path.Combine(folder, "shared", path); Path.Combine(folder, path) ])

let private require what found =
    match found with
    | Some path -> path
    | None when (variable "LONGTAIL_GOLDEN").IsSome -> failtestf "%s" what
    | None -> skiptest what

let private tryFind path =
    candidates path |> Seq.tryFind File.Exists

let private find what path = tryFind path |> require what

/// The golden file, where there is one: LONGTAIL_GOLDEN, else the one that lies beside the repository.
let tryGolden () =
    variable "LONGTAIL_GOLDEN"
    |> Option.orElse (tryFind "golden/reference.safetensors")

let golden () =
    tryGolden ()
    |> require "no golden file: set LONGTAIL_GOLDEN to a reference.safetensors"

/// Images through the published augmentations: LONGTAIL_GOLDEN_AUGMENT, else the file beside the repository.
let goldenAugment () =
    variable "LONGTAIL_GOLDEN_AUGMENT"
    |> Option.orElse (tryFind "golden/augment.safetensors")
    |> require "no golden images: set LONGTAIL_GOLDEN_AUGMENT to an augment.safetensors"

/// A folder with cifar-100-binary and deit_tiny_patch16_224.safetensors, unpacked once into the temporary folder.
let folder =
    lazy
        (match variable "LONGTAIL_DATA" with
         | Some folder -> folder
         | None ->
             let script =
                 find "no DeiT-Tiny and CIFAR-100: set LONGTAIL_DATA to the folder that holds both" "data/unpack"

             let target = Path.Combine(Path.GetTempPath(), "longtail-shared-data")
             use unpack = Process.Start("bash", [ script; target ])
             unpack.WaitForExit()

             if unpack.ExitCode <> 0 then
                 failtestf "%s %s failed" script target

             target)

let deitTiny () =
    Path.Combine(folder.Value, "deit_tiny_patch16_224.safetensors")

/// Photos of many kinds with a manifest: LONGTAIL_PHOTOS, else the folder beside the repository.
let photos () =
    variable "LONGTAIL_PHOTOS"
    |> Option.orElse (
        tryFind "data/photos/variety/manifest.tsv"
        |> Option.map (fun file -> string (Path.GetDirectoryName file))
    )
    |> require "no photos: set LONGTAIL_PHOTOS to a folder with images and their manifest.tsv"

let cifar100Test () =
    Path.Combine(folder.Value, "cifar-100-binary", "test.bin")
