namespace LongTail.Commands

open System
open System.Collections.ObjectModel
open System.IO
open LongTail
open LongTail.Core
open LongTail.Core.Downloads
open LongTail.Core.Models
open LongTail.Core.Settings

/// Published weights of backbones, and what a file of them holds.
module Weights =
    let private named (name: string) =
        PublishedWeights.All
        |> Seq.tryFind (fun weights -> weights.Name.Equals(name, StringComparison.OrdinalIgnoreCase))

    let find name =
        match named name with
        | Some weights -> weights
        | None ->
            let names = PublishedWeights.All |> Seq.map _.Name |> String.concat ", "
            raise (InputException $"there are no weights {name} here; there are {names}")

    /// What there is, a line each.
    let all () =
        let width = PublishedWeights.All |> Seq.map _.Name.Length |> Seq.max

        [
            for weights in PublishedWeights.All do
                let learnt = Pretraining.told weights.Name false ReadOnlyDictionary.Empty
                let data = Option.defaultValue "not told" learnt.Data
                $"{weights.Name.PadRight width}  {weights.Megabytes, 4} MB  {data}; {weights.Licence}"
            "`longtail weights get NAME` fetches one from https://huggingface.co/timm"
        ]

    let private rgb (rgb: Rgb) = $"{rgb.Red} {rgb.Green} {rgb.Blue}"

    let private said activation =
        match activation with
        | Activation.QuickGelu -> "quickGelu"
        | _ -> "gelu"

    let private known (opened: WeightsFile) =
        Option.ofNullable opened.ToldHeads
        |> Option.orElse (Option.ofNullable opened.PublishedHeads)

    /// What stands in the metadata where no number of heads does.
    let private unread (opened: WeightsFile) =
        Option.ofObj opened.UnreadHeads
        |> Option.map (fun text -> $"its metadata say heads = '{text}', which is no number of them")

    /// How a script names the file, and what it must say where the file does not.
    let private script (file: string) (opened: WeightsFile) (published: PublishedWeights option) =
        let words, doubts =
            [
                if (known opened).IsNone then
                    match published with
                    | Some weights -> Choice1Of2 $"heads {weights.Sizes.Heads}"
                    | None -> Choice2Of2("heads N", "heads")
                if not opened.ToldActivation.HasValue then
                    match published |> Option.bind (fun weights -> Option.ofNullable weights.Activation) with
                    | Some activation -> Choice1Of2(said activation)
                    | None -> Choice2Of2("quickGelu, or gelu", "activation")
            ]
            |> List.map (function
                | Choice1Of2 word -> word, None
                | Choice2Of2(word, doubt) -> word, Some doubt)
            |> List.unzip

        let line = String.concat " |> " ($"vit \"{file}\"" :: words)

        match List.choose id doubts with
        | [] -> line
        | doubts ->
            let list = String.concat " and " doubts

            let metadata =
                unread opened |> Option.map (sprintf "; %s") |> Option.defaultValue ""

            $"{line}: the file does not tell the {list} that it was trained with{metadata}"

    /// What a file of weights holds, as far as it tells, a line each.
    let show (file: string) =
        use opened = WeightsFile.Open file
        let name = opened.Name

        let published =
            named (
                if name.EndsWith ".safetensors" then
                    name[.. name.Length - 13]
                else
                    name
            )

        let learnt = Pretraining.of' opened

        let heads =
            match known opened, Option.ofObj opened.UnreadHeads with
            | Some heads, _ -> $"{heads} heads"
            | None, Some text -> $"heads = '{text}'"
            | None, None -> "unknown heads"

        let orNot = Option.defaultValue "not told by the file or its name"

        [
            "file", $"{opened.Path}, {opened.Length} bytes"
            "SHA-256", opened.ContentHash
            "names", opened.Names
            "precision", String.concat ", " opened.Precisions
            "sizes",
            $"{opened.InputSide} pixels a side, patches of {opened.PatchSize}, {opened.Depth} blocks, width {opened.Width}, {heads}"
            match Option.ofNullable opened.Config.Side with
            | Some side -> "trained on", $"images of {side} pixels a side, by the files beside it"
            | None -> ()
            "computes", opened.Variant
            "has learnt", orNot learnt.Data
            "normalise",
            learnt.Normalisation
            |> Option.map (fun n -> $"{rgb n.Mean} / {rgb n.Deviation}")
            |> orNot
            "licence",
            (match published with
             | Some weights -> $"{weights.Licence}; {weights.Page}"
             | None -> orNot None)
            "in a script", script file opened published
        ]
        |> List.map (fun (what, value) -> $"{what, -12} {value}")

    /// Fetches weights and tells what came.
    let get (from: string option) (checksum: string option) (out: string option) (weights: PublishedWeights) stop =
        let address =
            from
            |> Option.map (Fetching.address "a file")
            |> Option.defaultValue weights.Address

        let sum = checksum |> Option.map Fetching.sum |> Option.toObj

        let target =
            match out with
            | Some folder when Directory.Exists folder -> Path.Combine(folder, $"{weights.Name}.safetensors")
            | Some file -> file
            | None -> $"{weights.Name}.safetensors"

        OutFile.place target
        printfn $"{weights.Page}: {weights.Licence}"

        let struct (_, told) =
            Fetching.by (fun download ->
                Display.fetching (fun _ -> Some(float weights.Megabytes * 1e6)) (fun progress ->
                    weights.Fetch(download, address, sum, target, progress weights.Name, stop)))

        show target
        @ [
            if told then
                "its bytes are those of the checksum that was expected"
            else
                $"nobody told a checksum beforehand: the one above stands in {target}.sha256, to compare with others'"
        ]
