/// The README shows what the quickstart prints.
module LongTail.Tests.Docs.QuickstartTests

open System.Collections.Generic
open System.IO
open Expecto
open LongTail
open LongTail.Tests
open LongTail.Tests.Samples

/// Lines, without the table's own.
let private below (text: string) =
    text.TrimEnd().Split '\n'
    |> List.ofArray
    |> List.rev
    |> List.takeWhile (fun line -> not (line.StartsWith '╰'))
    |> List.rev

/// The quickstart's data, backbone and axes.
let private sweep =
    prompting
    |> Sweep.map (fun e ->
        { e with
            Name = "quickstart"
            Model =
                vit "weights/vit-mini.safetensors"
                |> deepPrompts 10
                |> cosineHead
                |> classMeans
                |> bfloat16
        })
    |> vary perturbation [ none; sam 0.02; gnm 0.005 ]
    |> vary loss [ crossEntropy; gcl 25. |> deferReweighting 4<epoch> ]

[<Tests>]
let tests =
    testSequenced (
        testCase
            "docs.the README's block of the quickstart ends with the lines that such a table is printed with"
            (fun () ->
                let block =
                    (Page.read (Path.Combine(Page.house, "README.md"))).Blocks
                    |> List.find (fun block -> block.Language = "text" && block.Text.Contains "│ optimizer")

                let accuracies =
                    [
                        for line in block.Text.Split '\n' do
                            match line.Split '│' |> Array.map _.Trim() |> List.ofArray with
                            | _ :: _ :: _ :: accuracy :: _ when accuracy.Contains "." -> float accuracy / 100.
                            | _ -> ()
                    ]

                Expect.hasLength accuracies 7 "rows"
                let next = Queue<float>(accuracies)

                let trainer: Trainer =
                    fun settings _ _ _ ->
                        let found = result (next.Dequeue()) 1.

                        if settings.Schedule.Epochs = 0 then
                            untrained found
                        else
                            found

                inStore (fun store ->
                    let _, printed =
                        GapsTests.said (fun () ->
                            CommandLine.execute (fun _ _ -> []) trainer (GapsTests.given store []) sweep)

                    Expect.equal (below block.Text) (below printed) "lines"))
    )
