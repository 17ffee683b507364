/// What the contract runs over: every perturbation, and for each of them cases of base optimizer, dtype, problem and tuning
/// mode, with and without all that an optimizer does around them.
module LongTail.Tests.Cases

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Tests.Problems

type Base =
    | Momentum
    | Nesterov
    | Adam

type Case =
    {
        Problem: Problem
        Dtype: torch.ScalarType
        Base: Base
        MicroBatches: int
        Clip: bool
        Average: bool
        Groups: bool
    }

/// A perturbation as the contract lists it.
type Rule =
    {
        Name: string
        /// At so many times its usual radius.
        At: float -> PerturbationSettings | null
        /// Batches that go forward in a step.
        Forwards: int
    }

/// The next one needs a line here, and one in the oracle of PerturbationTests.
let rules =
    [
        {
            Name = "plain"
            At = (fun _ -> null)
            Forwards = 1
        }
        {
            Name = "gnm"
            At = (fun r -> GnmSettings(0.05 * r, 2, true))
            Forwards = 1
        }
        {
            Name = "lpf-sgd"
            At = (fun r -> LpfSgdSettings(0.02 * r, 3, 4.0))
            Forwards = 1
        }
        {
            Name = "rwp"
            At = (fun r -> RwpSettings(0.05 * r, 0.375))
            Forwards = 1
        }
        {
            Name = "sam"
            At = (fun r -> SamSettings(0.05 * r))
            Forwards = 2
        }
        {
            Name = "asam"
            At = (fun r -> AsamSettings(0.1 * r))
            Forwards = 2
        }
        {
            Name = "imbsam"
            At = (fun r -> ImbSamSettings(0.05 * r, 20))
            Forwards = 2
        }
        {
            Name = "focal-sam"
            At = (fun r -> FocalSamSettings(0.05 * r, 2.0, 0.75))
            Forwards = 2
        }
    ]

let private generate problem =
    gen {
        let! problem = problem
        let! dtype = Gen.elements (torch.ScalarType.BFloat16 :: dtypes)
        let! rule = Gen.elements [ Momentum; Nesterov; Adam ]
        let! microBatches = Gen.frequency [ 2, Gen.constant 1; 1, Gen.choose (2, 3) ]
        let! clip = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
        let! average = Gen.elements [ false; true ]
        let! groups = Gen.elements [ false; true ]

        return
            {
                Problem = problem
                Dtype = dtype
                Base = rule
                MicroBatches = microBatches
                Clip = clip
                Average = average
                Groups = groups
            }
    }

let private plainest =
    {
        Problem = Quadratic([ 0.0 ], [ [ 0.0 ] ])
        Dtype = torch.ScalarType.Float64
        Base = Momentum
        MicroBatches = 1
        Clip = false
        Average = false
        Groups = false
    }

/// Takes one thing away at a time.
let private shrinkCase (case: Case) =
    Seq.append
        [
            { case with Clip = plainest.Clip }
            { case with Average = plainest.Average }
            { case with Groups = plainest.Groups }
            { case with
                MicroBatches = plainest.MicroBatches
            }
            { case with Base = plainest.Base }
            { case with Dtype = plainest.Dtype }
        ]
        (shrink case.Problem |> Seq.map (fun problem -> { case with Problem = problem }))
    |> Seq.filter ((<>) case)

let casesOf (problem: FsCheck.Arbitrary<Problem>) =
    Arb.fromGenShrink (generate problem.Generator, shrinkCase)

let cases = casesOf everyProblem

let private groupOf (name: string) =
    if name.StartsWith "head" then
        GroupSettings(0.5, 2.0)
    else
        GroupSettings(1.0, 1.0)

/// An optimizer at work on a case.
type Work(perturbation: PerturbationSettings | null, case: Case, task: Task) =
    let parameters = parametersOf task.Starts

    let optimizer =
        let rule: BaseOptimizerSettings =
            match case.Base with
            | Momentum -> SgdSettings(rate, 0.875, false, 0.01)
            | Nesterov -> SgdSettings(rate, 0.875, true, 0.01)
            | Adam -> AdamWSettings(rate, 0.01)

        let given condition (value: float) =
            if condition then Nullable value else Nullable()

        Optimizer.Create(
            OptimizerSettings(
                rule,
                perturbation,
                ParameterGroups.Alike,
                given case.Clip 0.5,
                given case.Average 0.75,
                case.MicroBatches
            ),
            parameters,
            11L,
            classCounts,
            (if case.Groups then Func<_, _> groupOf else null)
        )

    new(perturbation, case) = new Work(perturbation, case, taskOf case.Dtype case.Problem)

    member _.Task = task
    member _.Parameters = parameters
    member _.Optimizer = optimizer
    member _.State = stateOf optimizer
    member val Pass = passIn case.MicroBatches task parameters

    /// A step by another pass than its own.
    member _.StepBy pass step =
        use loss = optimizer.Step(pass, moment step)
        loss.ToDouble()

    member work.Step step = work.StepBy work.Pass step

    /// What makes another go on from here.
    member work.CopyTo(other: Work) =
        other.Parameters.Values.copy_ parameters.Values |> ignore

        for entry in optimizer.State do
            other.Optimizer.State[entry.Key].copy_ entry.Value |> ignore

    interface IDisposable with
        member _.Dispose() =
            optimizer.Dispose()
            parameters.Dispose()

/// How far two computations of one number may lie apart.
let tolerance dtype =
    match dtype with
    | torch.ScalarType.Float64 -> 1e-9
    | torch.ScalarType.Float32 -> 1e-3
    | _ -> 0.5

let near tolerance (actual: float seq) (expected: float seq) what =
    let size = 1.0 + Seq.max (Seq.map abs expected)

    for a, e in Seq.zip actual expected do
        // Written so that NaN is far from everything.
        Expect.isTrue (abs (a - e) <= tolerance * size) $"{what}: {a} for {e}"

/// A law of so many cases. To replay a failure, put the `etestProperty (...) "name"` that it prints where its
/// `law count "name"` stands.
let law count name property =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = count
        }
        name
        property

/// Runs the body on each case in a dispose scope.
let on (arbitrary: FsCheck.Arbitrary<'a>) (body: 'a -> unit) =
    Prop.forAll arbitrary (fun case ->
        use _ = torch.NewDisposeScope()
        body case)
