/// Weights of the classes, and when they act (method.md 2.1, 2.3; invariants 14 and 15; field.md B4, 18).
module LongTail.Tests.ClassWeightTests

open System
open Expecto
open FsCheck.FSharp
open LongTail.Core
open LongTail.Core.Losses
open LongTail.Core.Settings

let private countLists =
    Gen.choose (1, 8)
    |> Gen.bind (fun classes -> Gen.listOfLength classes (Gen.choose (1, 5000)))

let private countsAndBeta =
    Gen.zip countLists (Gen.elements [ 0.0; 0.5; 0.99; 0.9998; 0.9999; 0.999999; Math.BitDecrement 1.0 ])
    |> Arb.fromGen

let private counts = [| 100; 50; 5 |]

let private effective (counts: int list) beta =
    ClassWeights.EffectiveNumber(List.toArray counts, beta)

[<Tests>]
let tests =
    testList
        "class weights"
        [
            testProperty "are positive, have a mean of 1, and never grow with the count"
            <| Prop.forAll countsAndBeta (fun (counts, beta) ->
                let weights = effective counts beta
                Expect.all weights (fun w -> w > 0.0) "positive"
                Order.isLessThan (abs (Array.average weights - 1.0)) 1e-12 "mean"

                for (n, w), (m, v) in Seq.allPairs (Seq.zip counts weights) (Seq.zip counts weights) do
                    if n < m then
                        Order.isGreaterThanOrEqual w v $"{n} and {m}"
                    elif n = m then
                        Expect.equal w v "equal counts")

            testProperty "are all 1 for beta = 0"
            <| Prop.forAll (Arb.fromGen countLists) (fun counts -> Expect.allEqual (effective counts 0.0) 1.0 "ones")

            testProperty "tend to 1 / n for beta toward 1"
            <| Prop.forAll (Arb.fromGen countLists) (fun counts ->
                let inverse = counts |> List.map (fun n -> 1.0 / float n)
                let mean = List.average inverse

                for w, i in Seq.zip (effective counts (1.0 - 1e-9)) inverse do
                    Expect.floatClose Accuracy.medium w (i / mean) "1 / n")

            testProperty "begin at exactly one boundary: the epoch after the last deferred one; -1 defers none"
            <| Prop.forAll (Arb.fromGen (Gen.choose (-1, 80))) (fun after ->
                for epoch in 0..81 do
                    let weights =
                        ClassWeights.Deferred(DeferredReweighting(after, 0.9998), counts, epoch)

                    if epoch > after then
                        Expect.equal weights (effective (List.ofArray counts) 0.9998) $"epoch {epoch}"
                    else
                        Expect.isNull weights $"epoch {epoch}")

            testTheory "never act without a rule" [ 0; 60; 1000 ] (fun epoch ->
                Expect.isNull (ClassWeights.Deferred(null, counts, epoch)) $"epoch {epoch}")

            testTheory "a beta outside [0, 1) is refused" [ -0.1; 1.0; nan ] (fun beta ->
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> effective [ 3; 1 ] beta |> ignore) "refused")

            testTheory "no class, or one without an image, is told in a line" [ []; [ 5; 0 ]; [ -1 ] ] (fun counts ->
                Expect.throwsC (fun () -> effective counts 0.9 |> ignore) (fun error ->
                    Expect.isTrue (error :? InputException) $"an InputException, not {error}"
                    Expect.stringContains error.Message "class" "says what"
                    Expect.isFalse (error.Message.Contains '\n') "one line"))

            testCase "one class weighs 1"
            <| fun () -> Expect.equal (effective [ 3 ] 0.9) [| 1.0 |] "weight"
        ]
