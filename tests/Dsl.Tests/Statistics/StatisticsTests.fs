/// What the numbers of several seeds say: held against closed forms, MathNet.Numerics and counting out.
module LongTail.Tests.StatisticsTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open MathNet.Numerics.Distributions
open LongTail
open LongTail.Core
open LongTail.Tests.Samples

/// The bar of these numbers.
let private exact = { absolute = 1e-9; relative = 1e-9 }

let private close name (actual: float) expected =
    Expect.floatClose exact actual expected name

let private alike name (actual: float option) (expected: float option) =
    Expect.equal actual.IsSome expected.IsSome name
    Option.map2 (close name) actual expected |> Option.defaultValue ()

/// Differences in steps of 1/64, so that sums and shifts of them are exact and many are tied.
type Differences =
    | Differences of float list

    member this.Values = let (Differences values) = this in values

/// A p-value.
type Share =
    | Share of float

    member this.Value = let (Share value) = this in value

type Arbitraries =
    static member Differences() =
        Gen.choose (-40, 40)
        |> Gen.listOf
        |> Gen.map (List.truncate 40 >> List.map (fun step -> float step / 64.) >> Differences)
        |> Arb.fromGen

    static member Share() =
        Gen.choose (0, 1000)
        |> Gen.map (fun step -> Share(float step / 1000.))
        |> Arb.fromGen

let private law name (property: 'a) =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            arbitrary = [ typeof<Arbitraries> ]
        }
        name
        property

/// In every way to sign these ranks, how often W lies as far from its mean as here, or farther.
let private countedOut (differences: float list) =
    let signed = differences |> List.filter ((<>) 0.)
    let magnitudes = signed |> List.map abs

    let rank magnitude =
        let places =
            [
                for place, other in List.indexed (List.sort magnitudes) do
                    if other = magnitude then
                        float (place + 1)
            ]

        List.average places

    let ranks = magnitudes |> List.map rank
    let half = List.sum ranks / 2.

    let distance positive =
        abs (
            (List.zip ranks positive |> List.sumBy (fun (r, up) -> if up then r else 0.))
            - half
        )

    let here = distance (signed |> List.map (fun d -> d > 0.))

    let ways =
        [
            for way in 0 .. (1 <<< ranks.Length) - 1 do
                distance [ for bit in 0 .. ranks.Length - 1 -> way >>> bit &&& 1 = 1 ]
        ]

    float (ways |> List.filter (fun there -> there >= here - 1e-9) |> List.length)
    / float ways.Length

let private interval =
    testList
        "t interval"
        [
            // With 1 and 2 degrees of freedom the quantile of p is tan(pi (p - 1/2)) and a sqrt(2 / (1 - a²)), a = 2p - 1.
            testCase "of two and three values is that of the closed forms" (fun () ->
                let two = TInterval.over [ 1.; 2. ]
                close "mean" two.Mean 1.5
                close "half" two.HalfWidth.Value (tan (Math.PI * 0.475) * 0.5)
                let three = TInterval.over [ 1.; 2.; 6. ]
                close "mean" three.Mean 3.
                close "half" three.HalfWidth.Value (0.95 * sqrt (2. / (1. - 0.95 ** 2.)) * sqrt (7. / 3.)))
            testCase "one value has none" (fun () ->
                Expect.equal (TInterval.over [ 0.5 ]) { Mean = 0.5; HalfWidth = None } "estimate")
            law "holds 95 % of Student's distribution, by MathNet" (fun (Differences values) ->
                if values.Length > 1 then
                    let estimate = TInterval.over values

                    let error =
                        MathNet.Numerics.Statistics.Statistics.StandardDeviation values
                        / sqrt (float values.Length)

                    if error > 0. then
                        let t = StudentT(0., 1., float (values.Length - 1))
                        let bound = estimate.HalfWidth.Value / error
                        close "share" (t.CumulativeDistribution bound - t.CumulativeDistribution -bound) 0.95)
            law "does not depend on the order" (fun (Differences values) ->
                if not values.IsEmpty then
                    let one, other = TInterval.over values, TInterval.over (List.rev values)
                    close "mean" one.Mean other.Mean
                    alike "half" one.HalfWidth other.HalfWidth)
            law "moves and scales with the values" (fun (Differences values) (step: int8) (scale: int8) ->
                if not values.IsEmpty then
                    let step, scale = float step, float scale
                    let one = TInterval.over values
                    let other = values |> List.map (fun x -> step + scale * x) |> TInterval.over
                    close "mean" other.Mean (step + scale * one.Mean)
                    alike "half" other.HalfWidth (one.HalfWidth |> Option.map ((*) (abs scale))))
        ]

let private pairedT =
    testList
        "paired t"
        [
            // P(T <= t) is 1/2 + atan t / pi with 1 degree of freedom, 1/2 + t / (2 sqrt(2 + t²)) with 2.
            testCase "of two and three pairs is that of the closed forms" (fun () ->
                let two = (PairedT.over [ 1.; 2. ]).Value
                close "two" two.P (1. - 2. * atan 3. / Math.PI)
                let three = (PairedT.over [ 1.; 2.; 6. ]).Value
                let t = 3. / sqrt (7. / 3.)
                close "three" three.P (1. - t / sqrt (2. + t * t))
                Expect.equal three.Difference (TInterval.over [ 1.; 2.; 6. ]) "interval")
            testCase "differences that are all alike are sure, and sure of nothing where they are zero" (fun () ->
                Expect.equal (PairedT.over [ 0.5; 0.5; 0.5 ]).Value.P 0. "alike"
                Expect.equal (PairedT.over [ 0.; 0. ]).Value.P 1. "zero")
            testCase "fewer than two pairs say nothing" (fun () ->
                Expect.isNone (PairedT.over []) "none"
                Expect.isNone (PairedT.over [ 0.5 ]) "one")
            law "is below 0.05 exactly where the interval leaves out zero" (fun (Differences values) ->
                match PairedT.over values with
                | Some {
                           P = p
                           Difference = { Mean = mean; HalfWidth = Some half }
                       } when abs (p - 0.05) > 1e-9 ->
                    Expect.equal (p < 0.05) (abs mean > half) $"p = {p}, {mean} ± {half}"
                | _ -> ())
            law "does not depend on order, scale or side" (fun (Differences values) (scale: int8) ->
                let p values = PairedT.over values |> Option.map _.P

                alike "order" (p (List.rev values)) (p values)
                alike "side" (p (List.map (~-) values)) (p values)

                if scale <> 0y then
                    alike "scale" (p (values |> List.map ((*) (float scale)))) (p values))
        ]

let private wilcoxon =
    testList
        "Wilcoxon"
        [
            testTheory
                "p by hand"
                [
                    // All of n positive: 2 of 2^n ways.
                    [ 1.; 2.; 3.; 4.; 5. ], 2. / 32.
                    // W = 1: only {} and {1} are as low.
                    [ -1.; 2.; 3.; 4.; 5. ], 4. / 32.
                    // The zero is left out.
                    [ 0.; 1.; 2.; 3. ], 2. / 8.
                    // Ties share 1.5: W in {0, 1.5, 1.5, 3}, and W = 1.5 is the mean.
                    [ 1.; -1. ], 1.
                    [ 0.; 0. ], 1.
                ]
                (fun (differences, p) -> alike "p" (Wilcoxon.over differences) (Some p))
            testCase "fewer than two pairs say nothing" (fun () ->
                Expect.isNone (Wilcoxon.over []) "none"
                Expect.isNone (Wilcoxon.over [ 1. ]) "one")
            testCase "differences that only rounding tells apart are tied" (fun () ->
                // 0.62 - 0.6 and 0.64 - 0.62 are not the same number.
                alike "p" (Wilcoxon.over [ 0.62 - 0.6; 0.62 - 0.64; 0.5 ]) (Wilcoxon.over [ 0.02; -0.02; 0.5 ]))
            law "agrees with counting out every way to sign the ranks" (fun (Differences values) ->
                let few = List.truncate 10 values

                if few.Length > 1 then
                    alike "p" (Wilcoxon.over few) (Some(countedOut few)))
            testCase "beyond 25 pairs it is the normal distribution's, corrected for ties and continuity" (fun () ->
                // Ranks of 13 ones are 7 each, of 13 twos 20 each. W+ = 5 * 7 + 9 * 20 = 215, mean 175.5,
                // variance 26 * 27 * 53 / 24 - 2 * (13³ - 13) / 48.
                let differences =
                    List.replicate 5 1.
                    @ List.replicate 8 -1.
                    @ List.replicate 9 2.
                    @ List.replicate 4 -2.

                let variance = 26. * 27. * 53. / 24. - 2. * (13. ** 3. - 13.) / 48.
                let z = (215. - 175.5 - 0.5) / sqrt variance
                alike "p" (Wilcoxon.over differences) (Some(2. * Normal.CDF(0., 1., -z))))
            testCase "which is near to what counting out gives" (fun () ->
                let signed = [ for i in 1..26 -> if i % 3 = 0 then -float i else float i ]
                let negative = signed |> List.filter ((>) 0.) |> List.sum |> abs |> int

                // Ways to reach a sum with ranks 1 to n.
                let rec ways n sum =
                    if sum < 0 then 0
                    elif n = 0 then (if sum = 0 then 1 else 0)
                    else ways (n - 1) sum + ways (n - 1) (sum - n)

                let exact = 2. * float (List.sumBy (ways 26) [ 0..negative ]) / float (1 <<< 26)

                let p = (Wilcoxon.over signed).Value
                Expect.isTrue (abs (p - exact) < 0.002) $"{p}, and counted out {exact}")
            law "does not depend on order, scale or side" (fun (Differences values) (scale: uint8) ->
                let p = Wilcoxon.over values
                Expect.equal (Wilcoxon.over (List.rev values)) p "order"
                Expect.equal (Wilcoxon.over (List.map (~-) values)) p "side"
                Expect.equal (Wilcoxon.over (values |> List.map ((*) (1. + float scale)))) p "scale")
            law "p lies in [0, 1]" (fun (Differences values) ->
                match Wilcoxon.over values with
                | Some p -> Expect.isTrue (p > 0. && p <= 1.) $"{p}"
                | None -> ())
        ]

let private holm =
    testList
        "Holm"
        [
            // 4 * 0.01; 3 * 0.02; then 2 * 0.03 = 0.06, which is no less than that; 0.4.
            testCase "by hand, in the order given" (fun () ->
                for actual, expected in List.zip (Holm.adjusted [ 0.03; 0.01; 0.4; 0.02 ]) [ 0.06; 0.04; 0.4; 0.06 ] do
                    close "p" actual expected

                Expect.equal (Holm.adjusted []) [] "none")
            law "is its definition" (fun (ps: Share list) ->
                let ps = ps |> List.map _.Value
                let sorted = ps |> List.sort |> Array.ofList

                let adjusted p =
                    // Equal p-values all get what the last of them gets.
                    let last = Array.FindLastIndex(sorted, (fun other -> other = p))

                    [ for j in 0..last -> min 1. (float (sorted.Length - j) * sorted[j]) ]
                    |> List.max

                for actual, expected in List.zip (Holm.adjusted ps) (ps |> List.map adjusted) do
                    close "p" actual expected)
            law
                "lies between the raw p-value and Bonferroni's, at most 1, and keeps their order"
                (fun (ps: Share list) ->
                    let ps = ps |> List.map _.Value
                    let adjusted = Holm.adjusted ps

                    for p, a in List.zip ps adjusted do
                        Expect.isTrue (p <= a && a <= min 1. (float ps.Length * p) + 1e-12) $"{p} became {a}"

                    for (p, a), (q, b) in List.allPairs (List.zip ps adjusted) (List.zip ps adjusted) do
                        if p < q then
                            Expect.isTrue (a <= b) $"{p} became {a}, {q} became {b}")
            law "permutes with the p-values" (fun (ps: Share list) ->
                let ps = ps |> List.map _.Value
                Expect.equal (Holm.adjusted (List.rev ps)) (List.rev (Holm.adjusted ps)) "reversed")
        ]

let private replicates =
    testList
        "replicates"
        [
            testCase "a seed that is there twice is refused in one line" (fun () ->
                let plan = inStore (fun store -> planned store (pretraining |> seeds [ 0; 1 ]))

                let twice =
                    { plan with
                        Cells = plan.Cells @ [ plan.Cells.Head ]
                    }

                let results = Map [ for _, hash in plan.Cells -> hash, result 0.5 1. ]

                Expect.hasLength (Report.rows plan results) 1 "once"
                let hash = snd plan.Cells.Head

                Expect.throwsC (fun () -> Report.rows twice results |> ignore) (fun e ->
                    Expect.equal (e.GetType()) typeof<InputException> "kind"

                    Expect.equal
                        e.Message
                        $"pretraining: seed 0 is there 2 times, as {hash} and {hash}, and would weigh so much more in the mean; keep one of these runs"
                        "line"))
        ]

[<Tests>]
let tests = testList "statistics" [ interval; pairedT; wilcoxon; holm; replicates ]
