/// Tables as a person reads them: no wider than the terminal, and values as a script has them.
module LongTail.Tests.GridTests

open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Spectre.Console
open LongTail
open LongTail.Tests.Samples

let private shown width grid =
    use text = new StringWriter(NewLine = "\n")

    let console =
        AnsiConsole.Create(AnsiConsoleSettings(Ansi = AnsiSupport.No, Out = AnsiConsoleOutput text))

    console.Profile.Width <- width
    LongTail.Grid.write console grid
    text.ToString().TrimEnd().Split '\n' |> List.ofArray

/// Labels of words, and numbers with their intervals.
let private grids =
    gen {
        let! words = Gen.choose (1, 3)
        let! numbers = Gen.choose (1, 9)
        let! rows = Gen.choose (1, 4)

        let! labels =
            Gen.elements
                [
                    "sgd"
                    "gnm 0.005"
                    "frozen model"
                    "tail accuracy (under 20 images)"
                    "GCL+DRW"
                ]
            |> Gen.listOfLength (rows * words)

        let! values =
            Gen.elements [ "-"; "54.3"; "54.3 ± 10.9"; "1.00x" ]
            |> Gen.listOfLength (rows * numbers)

        return
            LongTail.Grid.table
                [ for i in 1..words -> $"axis {i}" ]
                [ for i in 1..numbers -> $"n{i}" ]
                (List.map2 (@) (List.chunkBySize words labels) (List.chunkBySize numbers values))
    }

type private Nested =
    {
        Ratio: float
        Kind: Result<int, string>
        Steps: int list
    }

[<Tests>]
let tests =
    testList
        "tables for people"
        [
            testProperty "fit 80 columns and have every number in one piece"
            <| Prop.forAll (Arb.fromGen grids) (fun grid ->
                let lines = shown 80 grid
                let text = String.concat "\n" lines

                lines |> List.forall (fun line -> line.Length <= 80)
                && List.concat grid.Rows
                   |> List.filter _.Contains('±')
                   |> List.forall text.Contains
                && grid.Numbers |> List.forall (fun name -> text.Contains $" {name} "))
            testCase "stay one table where there is room" (fun () ->
                let grid =
                    LongTail.Grid.table [ "row" ] [ "all"; "tail" ] [ [ "sgd"; "54.3 ± 0.9"; "45.7" ] ]

                Expect.hasLength (shown 80 grid) 5 "one"
                Expect.hasLength (shown 24 grid) 10 "two")
            testCase "have values as a script has them" (fun () ->
                let words axis values =
                    pretraining
                    |> vary axis values
                    |> Sweep.settings
                    |> List.map (fun s -> snd s.Labels.Head)

                Expect.equal
                    (words learningRate [ 0.0025; 1e-5; 2.5e-12; 100.; 2500000.; 1e6; 12e7; 1e20 ])
                    [ "0.0025"; "1e-5"; "2.5e-12"; "100"; "2500000"; "1e6"; "12e7"; "1e20" ]
                    "numbers"

                Expect.equal (words perturbation [ gnm 0.005; gnm 1e-5 ]) [ "gnm 0.005"; "gnm 1e-5" ] "radii"
                Expect.equal (words imbalance [ 100.; 10. ]) [ "100"; "10" ] "factors"

                let own set shown values =
                    values |> List.collect (fun value -> words (axis "own" set shown) [ value ])

                Expect.equal
                    (own
                        (fun loss e -> { e with Experiment.Loss = loss })
                        (fun e -> e.Loss)
                        [ crossEntropy; gcl 25. |> deferReweighting 4<epoch> ])
                    [ "CE"; "GCL+DRW" ]
                    "a part of the experiment"

                Expect.equal
                    (own
                        (fun scale e -> { e with Experiment.Loss.Scale = scale })
                        (fun e -> e.Loss.Scale)
                        [ Some 25.; None ])
                    [ "25"; "none" ]
                    "an option"

                Expect.equal
                    (own
                        (fun _ e -> e)
                        (fun _ ->
                            {
                                Ratio = 1e-5
                                Kind = Ok 3
                                Steps = [ 1; 2 ]
                            })
                        [ () ])
                    [ "ratio 1e-5, kind ok 3, steps 1, 2" ]
                    "a record in a line")
        ]
