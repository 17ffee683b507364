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
open LongTail.Tests.Server
open LongTail.Tests.TempFolder

let private sum (bytes: byte array) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let private truth =
    lazy
        (inTempFolder (fun folder ->
            let file = Path.Combine(folder, "a")
            use tensor = torch.ones [| 20_000L |]
            Safetensors.Write(file, readOnlyDict [ "a", tensor ])
            File.ReadAllBytes file))

/// The first answer, which sends on to where the bytes are.
let private onward (told: string list) =
    {
        Status = "302 Found"
        Headers = "Location: /elsewhere" :: "Content-Length: 0" :: told
        Body = [||]
    }

/// Fetches by this rule: what came, or the message; and the names of all that is there afterwards.
let private fetched checksum told (rule: int -> int64 option -> Reply) =
    inTempFolder (fun folder ->
        serving (fun i range -> if i = 0 then onward told else rule (i - 1) range) (fun address _ ->
            use client = new HttpClient()

            let download =
                Download(client, TimeSpan.FromMilliseconds 1., TimeSpan.FromSeconds 20.)

            let outcome =
                try
                    let struct (sum, told) =
                        PublishedWeights.Fetch(
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
            testCase "have a name each, and an address that follows from it" (fun () ->
                let names = PublishedWeights.All |> Seq.map _.Name |> List.ofSeq
                Expect.equal (List.distinct names) names "names"

                for weights in PublishedWeights.All do
                    Expect.equal
                        (string weights.Address)
                        $"https://huggingface.co/timm/{weights.Name}/resolve/main/model.safetensors"
                        "address")
        ]
