/// Every loss, weight and margin of method.md 2.5 in float64, to 1e-9: the published numbers (losses.json, a part of shared/golden's),
/// or those of a file of that form that LONGTAIL_GOLDEN_LOSSES names.
module LongTail.Tests.GoldenLosses

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open TorchSharp
open LongTail.Core.Losses
open LongTail.Core.Settings
open LongTail.Tests.LossProblems
open LongTail.Tests.Problems

let private float64 = torch.ScalarType.Float64

let private file =
    lazy
        (match Environment.GetEnvironmentVariable "LONGTAIL_GOLDEN_LOSSES" with
         | null
         | "" -> Path.Combine(__SOURCE_DIRECTORY__, "losses.json")
         | given -> given
         |> File.ReadAllText
         |> JsonDocument.Parse)

/// All numbers below an entry, in order.
let rec private numbersIn (entry: JsonElement) =
    [
        if entry.ValueKind = JsonValueKind.Array then
            for inner in entry.EnumerateArray() do
                yield! numbersIn inner
        else
            entry.GetDouble()
    ]

let private entry (name: string) = file.Value.RootElement.GetProperty name

let private rowsOf name =
    [ for row in (entry name).EnumerateArray() -> numbersIn row ]

let private batch =
    lazy
        {
            Counts = numbersIn (entry "class_counts") |> List.map int
            Outputs = rowsOf "logits"
            Targets = numbersIn (entry "targets") |> List.map int
            Noise = rowsOf "noise_clamped"
            Weights = None
        }

let private counts () = List.toArray batch.Value.Counts

let private effective beta =
    ClassWeights.EffectiveNumber(counts (), beta) |> List.ofArray

/// The loss of the file's batch, weighted by effective numbers where a beta is given.
let private lossOf beta settings =
    let weights = Option.map effective beta
    [ value settings float64 { batch.Value with Weights = weights } ]

let private gcl margin noise =
    scaled 25.0 (GaussianCloudedSettings(margin, noise))

let private focal gamma (plain: LossSettings) =
    LossSettings(plain.Scale, plain.Logits, null, FocalSettings(gamma, true))

let private scaledLogits () =
    use _ = torch.NewDisposeScope()
    let batch = batch.Value
    use rule = new GaussianClouded(counts (), 25.0, 0.1, 1.0, float64)

    rule.Logits(matrix float64 batch.Outputs, targetsOf batch, noiseOf float64 batch)
    |> numbers
    |> List.ofArray

let private smoothed shape exponent head tail =
    let smoothing = SmoothingSettings(head, tail, shape, exponent)
    let shares = Smoothing.Shares(smoothing, counts ()) |> List.ofArray
    shares @ lossOf None (LossSettings(1.0, PlainLogits(), smoothing, null))

/// What the file's entries mean. {} is a number in an entry's name; DRW is an ending that weights may add, and gives their beta.
let private meanings: (string * (float list -> float option -> float list)) list =
    let plain = scaled 1.0 (PlainLogits())

    [
        "weights_beta_{}", (fun given _ -> effective given[0])
        "CE", (fun _ _ -> lossOf None plain)
        "CE_weighted_{}", (fun given _ -> lossOf (Some given[0]) plain)
        "LDAM_margins", (fun _ _ -> Ldam.Margins(counts (), 0.5) |> List.ofArray)
        "LDAM_code_s{}_unscaled_logits", (fun given _ -> lossOf None (scaled given[0] (LdamSettings(0.5, true))))
        "LDAM_orig_s{}DRW", (fun given beta -> lossOf beta (scaled given[0] (LdamSettings(0.5, false))))
        "GCL_delta", (fun _ _ -> GaussianClouded.Difficulty(counts ()) |> List.ofArray)
        "GCL_scaled_logits", (fun _ _ -> scaledLogits ())
        "GCL_s{}_m{}DRW", (fun given beta -> lossOf beta (scaled given[0] (GaussianCloudedSettings(given[1], 1.0))))
        "GCL_focal_gamma{}DRW", (fun given beta -> lossOf beta (gcl 0.1 1.0 |> focal given[0]))
        "GCL_nonoise_m{}", (fun given _ -> lossOf None (gcl given[0] 0.0))
        "focal_gamma{}", (fun given _ -> lossOf None (plain |> focal given[0]))
        "LAS_concave_{}_{}", (fun given _ -> smoothed SmoothingShape.Concave 1.0 given[0] given[1])
        "LAS_linear_{}_{}", (fun given _ -> smoothed SmoothingShape.Linear 1.0 given[0] given[1])
        "LAS_convex_{}_{}", (fun given _ -> smoothed SmoothingShape.Convex 1.0 given[0] given[1])
        "LAS_exp_p{}_{}_{}", (fun given _ -> smoothed SmoothingShape.Power given[0] given[1] given[2])
        "BalancedSoftmax", (fun _ _ -> lossOf None (scaled 1.0 (LogitAdjustmentSettings 1.0)))
        "LA_tau{}", (fun given _ -> lossOf None (scaled 1.0 (LogitAdjustmentSettings given[0])))
    ]

let private named (pattern: string) name =
    let number = @"\d*\.?\d+"
    let numbers = pattern.Replace("{}", $"(?<given>{number})")

    let found =
        Regex.Match(name, "^" + numbers.Replace("DRW", $"(?:_drw(?<beta>{number}))?") + "$")

    let read (group: string) =
        [ for capture in found.Groups[group].Captures -> float capture.Value ]

    if found.Success then
        Some(read "given", List.tryHead (read "beta"))
    else
        None

[<Tests>]
let tests =
    testList
        "golden"
        [
            testList
                "losses"
                [
                    for pattern, meaning in meanings do
                        testCase pattern
                        <| fun () ->
                            let entries =
                                [
                                    for entry in file.Value.RootElement.EnumerateObject() do
                                        match named pattern entry.Name with
                                        | Some(given, beta) -> entry.Name, numbersIn entry.Value, meaning given beta
                                        | None -> ()
                                ]

                            Expect.isNonEmpty entries $"the file has no {pattern}"

                            for name, expected, actual in entries do
                                Expect.equal actual.Length expected.Length $"{name}: how many"

                                for a, e in List.zip actual expected do
                                    Order.isLessThan (abs (a - e)) 1e-9 $"{name}: %.12f{a} for %.12f{e}"
                ]
        ]
