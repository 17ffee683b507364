/// Weights from a server that tells their checksum, as Hugging Face does, or tells none.
module LongTail.Tests.PublishedWeightsTests

open System
open System.IO
open System.Net.Http
open System.Security.Cryptography
open System.Threading
open Expecto
open TorchSharp
open LongTail.Core.Downloads
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.Server
open LongTail.Tests.TempFolder

let private sum (bytes: byte array) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let private sizes = VisionTransformerShape(16, 8, 64, 1, 1)
let private weights = PublishedWeights("named", 1, sizes, "free")

/// A file of these tensors.
let private filed tensors =
    inTempFolder (fun folder ->
        use _ = torch.NewDisposeScope()
        let file = Path.Combine(folder, "a")

        Safetensors.Write(
            file,
            readOnlyDict [ for struct (name, shape: int64 array) in tensors -> name, torch.ones shape ]
        )

        File.ReadAllBytes file)

let private transformer architecture = filed (BackboneLayout.Of architecture)
let private truth = lazy (transformer (Architecture sizes))

/// What is none of these weights, and what is said of it.
let private others =
    let wide = transformer (Architecture(VisionTransformerShape(16, 8, 128, 1, 2)))

    let deep = transformer (Architecture(VisionTransformerShape(16, 8, 64, 2, 1)))

    let clip = transformer (Architecture(sizes, PatchBias = false, NormBefore = true))

    [
        "of a transformer of width 128 and depth 1, patches", wide
        "of a transformer of width 64 and depth 2", deep
        "of CLIP's transformer of width 64", clip
        "no transformer as named is", filed [ struct ("a", [| 20L |]) ]
    ]

/// The first answer, which sends on to where the bytes are.
let private onward (told: string list) =
    {
        Status = "302 Found"
        Headers = "Location: /elsewhere" :: "Content-Length: 0" :: told
        Body = [||]
    }

/// Fetches into a folder where this lies already, by this rule: what came, or the message; and the names of all that is there afterwards.
let private fetchedOver (old: byte array option) checksum told (rule: int -> int64 option -> Reply) =
    inTempFolder (fun folder ->
        old
        |> Option.iter (fun bytes -> File.WriteAllBytes(Path.Combine(folder, "w"), bytes))

        serving (fun i range -> if i = 0 then onward told else rule (i - 1) range) (fun address _ ->
            use client = new HttpClient()

            let download =
                Download(client, TimeSpan.FromMilliseconds 1., TimeSpan.FromSeconds 20.)

            let outcome =
                try
                    let struct (sum, told) =
                        weights.Fetch(
                            download,
                            Uri(address, "model.safetensors"),
                            checksum,
                            Path.Combine(folder, "w"),
                            ignore,
                            CancellationToken.None
                        )

                    Ok(sum, told)
                with :? LongTail.Core.InputException as e ->
                    Error e.Message

            outcome,
            [
                for file in Directory.GetFiles folder |> Array.sort ->
                    Path.GetFileName file,
                    (if file.EndsWith ".sha256" then
                         File.ReadAllText file
                     else
                         "")
            ]))

let private fetched checksum = fetchedOver None checksum

let private refused words (outcome, left) =
    match outcome with
    | Ok came -> failtest $"%A{came}"
    | Error(message: string) ->
        Expect.stringContains message words "says what"
        Expect.isFalse (message.Contains '\n') "one line"

    Expect.equal left [] "nothing stays"

let private header sum = [ $"X-Linked-Etag: \"{sum}\"" ]

[<Tests>]
let tests =
    testList
        "published weights"
        [
            testCase "are held against the checksum that the server tells, which is kept beside them" (fun () ->
                let sum = sum truth.Value

                Expect.equal
                    (fetched null (header sum) (fun _ -> honest truth.Value))
                    (Ok(sum, true), [ "w", ""; "w.sha256", $"{sum}  w\n" ])
                    "the bytes, as told")
            testCase "of another checksum than the server tells are refused" (fun () ->
                let other = sum [| 1uy |]

                fetched null (header other) (fun _ -> honest truth.Value)
                |> refused $"with the checksum {sum truth.Value}, not {other}")
            testCase "are held against the person's checksum first" (fun () ->
                let other = sum [| 1uy |]

                fetched other (header (sum truth.Value)) (fun _ -> honest truth.Value)
                |> refused $"not {other}")
            testCase "of which nobody tells a checksum are taken whole, and it is said" (fun () ->
                let rule i range =
                    honest truth.Value range |> cut (if i = 0 then 30_000 else 100_000)

                for told in [ []; [ "X-Linked-Etag: \"none\"" ] ] do
                    let outcome, left = fetched null told rule
                    Expect.equal outcome (Ok(sum truth.Value, false)) "the bytes, untold"
                    Expect.hasLength left 2 "and their checksum")
            testCase "that end early where nobody tells their length are refused" (fun () ->
                let silent _ _ =
                    { whole (Array.truncate 30_000 truth.Value) with
                        Headers = []
                    }

                fetched null [] silent
                |> refused "30000 bytes that are no whole safetensors file")
            testCase "that are a page of a web site are refused" (fun () ->
                fetched null [] (fun _ _ -> whole "<html>sign in</html>"B)
                |> refused "no whole safetensors file")
            testCase "of another model are refused, and stay under no name" (fun () ->
                for words, other in others do
                    for told in [ []; header (sum other) ] do
                        fetched null told (fun _ -> honest other) |> refused words)
            testCase "do not overwrite another file, nor certify it" (fun () ->
                for other in "no safetensors"B :: Array.truncate 30_000 truth.Value :: List.map snd others do
                    for told in [ []; header (sum truth.Value) ] do
                        let outcome, left = fetchedOver (Some other) null told (fun _ -> honest truth.Value)
                        Expect.equal left [ "w", "" ] "as it was, without a checksum"

                        refused "w: remove it or give --out" (outcome, []))
            testCase "that are there already are kept" (fun () ->
                let outcome, left =
                    fetchedOver (Some truth.Value) null [] (fun _ _ -> failwith "asked")

                Expect.equal outcome (Ok(sum truth.Value, false)) "the same"
                Expect.hasLength left 2 "and their checksum")
            testCase "have sizes that their names tell" (fun () ->
                for weights in PublishedWeights.All do
                    let sizes = weights.Sizes
                    Expect.stringContains weights.Name $"_patch{sizes.PatchSize}_" "patches"
                    Expect.equal sizes.Width (64 * sizes.Heads) "64 channels a head"
                    Expect.equal (sizes.InputSide % sizes.PatchSize) 0 "whole patches"
                    // 12 squares of the width a block; what else there is weighs little.
                    let blocks = 4e-6 * 12. * float sizes.Depth * float (pown sizes.Width 2)

                    Expect.isTrue
                        (blocks < float weights.Megabytes && blocks > 0.5 * float weights.Megabytes)
                        weights.Name)
            testCase "have a name each, and an address that follows from it" (fun () ->
                let names = PublishedWeights.All |> Seq.map _.Name |> List.ofSeq
                Expect.equal (List.distinct names) names "names"

                for weights in PublishedWeights.All do
                    Expect.equal
                        (string weights.Address)
                        $"https://huggingface.co/timm/{weights.Name}/resolve/main/model.safetensors"
                        "address")
        ]
