/// Every perturbation against its formula, written out in plain numbers from gradients at any place.
module LongTail.Tests.PerturbationTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Tests.Problems
open LongTail.Tests.Cases

let private float64 = torch.ScalarType.Float64
let private norm (v: float[]) = sqrt (Array.sumBy (fun x -> x * x) v)
let private add = Array.map2 (+): float[] -> float[] -> float[]
let private scaled (factor: float) = Array.map ((*) factor)

/// What the formulas are made of.
type private Probe(task: Task, now: Moment, radii: float[]) =
    let parameters = parametersOf task.Starts
    let clean = numbers parameters.Values
    let targets = task.Targets.data<int64>().ToArray() |> Array.map int

    member _.Values = clean

    /// A displacement, as long as the group of each value wants it.
    member _.There e = add clean (Array.map2 (*) radii e)

    /// The gradient at a place of the images' terms, each with a factor of its index and class.
    member _.Gradient (place: float[]) (factor: int -> int -> float) =
        use _ = torch.NewDisposeScope()
        parameters.Values.copy_ (torch.tensor place) |> ignore
        parameters.ZeroGradients()
        let factors = torch.tensor (targets |> Array.mapi factor)
        (task.Terms parameters 0L task.Images * factors).sum().backward()
        numbers parameters.Gradients

    member _.Images = targets.Length

    /// N(0, 1) of a draw.
    member _.Noise draw =
        numbers (ValueNoise.Drawn(11L, parameters).Invoke(now, draw))

    /// Each value's share of e = s ||w_f|| N(0, 1): the norm of its row, token, or vector.
    member _.FilterNorms =
        [|
            for _, start in task.Starts do
                let values = numbers start

                let filters =
                    match List.ofArray start.shape with
                    | []
                    | [ _ ] -> 1
                    | [ a; b; _ ] -> int (a * b)
                    | rows :: _ -> int rows

                for filter in Array.splitInto filters values do
                    yield! Array.replicate filter.Length (norm filter)
        |]

/// The step's gradient by the formula (method.md 1.2, 1.5).
let private oracle (perturbation: PerturbationSettings | null) (probe: Probe) (now: Moment) =
    let all _ _ = 1.0

    let climb rho (sharp: int -> float) (still: int -> float) =
        let g = probe.Gradient probe.Values (fun _ c -> sharp c)
        let e = scaled (rho / (norm g + 1e-12)) g

        add (probe.Gradient probe.Values (fun _ c -> still c)) (probe.Gradient (probe.There e) (fun _ c -> sharp c))

    let filtered deviation draw =
        Array.map2 (fun n z -> deviation * n * z) probe.FilterNorms (probe.Noise draw)

    /// The share of an image: the k with k images / shares <= index.
    let shareOf shares index =
        Seq.findBack (fun k -> probe.Images * k / shares <= index) [ 0 .. shares - 1 ]

    match perturbation with
    | null -> probe.Gradient probe.Values all
    | :? GnmSettings as s ->
        let m =
            if now.Epoch = 0 then
                2.0
            else
                0.5 ** float ((now.Epoch - 1) / s.HalveEvery.Value)

        let e =
            probe.Noise 0
            |> Array.map (fun z -> s.Radius * m * Math.Clamp(z / 3.0, -1.0, 1.0))

        probe.Gradient (probe.There e) all
    | :? LpfSgdSettings as s ->
        let deviation =
            s.Deviation * (1.0 + (s.Growth - 1.0) * (1.0 - cos (Math.PI * now.Done)) / 2.0)

        [
            for draw in 0 .. s.Draws - 1 ->
                probe.Gradient (probe.There(filtered deviation draw)) (fun i _ ->
                    if shareOf s.Draws i = draw then 1.0 else 0.0)
        ]
        |> List.reduce add
    | :? RwpSettings as s ->
        let half share factor =
            fun i _ -> if shareOf 2 i = share then factor else 0.0

        add
            (probe.Gradient (probe.There(filtered s.Deviation 0)) (half 0 (2.0 * s.Mix)))
            (probe.Gradient probe.Values (half 1 (2.0 * (1.0 - s.Mix))))
    | :? SamSettings as s -> climb s.Rho (fun _ -> 1.0) (fun _ -> 0.0)
    | :? AsamSettings as s ->
        let g = probe.Gradient probe.Values all
        let length = norm (Array.map2 (*) probe.Values g) + 1e-12
        let e = Array.map2 (fun w g -> s.Rho * w * w * g / length) probe.Values g
        probe.Gradient (probe.There e) all
    | :? ImbSamSettings as s ->
        let tail c = classCounts[c] < s.TailBelow
        climb s.Rho (fun c -> if tail c then 2.0 else 0.0) (fun c -> if tail c then 0.0 else 1.0)
    | :? FocalSamSettings as s ->
        let a c =
            (1.0 - float classCounts[c] / float (Array.sum classCounts)) ** s.Gamma

        climb s.Rho (fun c -> s.Sharpness * a c) (fun c -> 1.0 - s.Sharpness * a c)
    | other -> failtest $"no formula for {other}"

let private formulas =
    [
        for rule in rules do
            law 60 $"{rule.Name}: the step's gradient is the formula's"
            <| on (Gen.zip cases.Generator (Gen.choose (0, 8)) |> Arb.fromGen) (fun (case, step) ->
                let case =
                    { case with
                        Dtype = float64
                        Clip = false
                    }

                let perturbation = rule.At 4.0
                use work = new Work(perturbation, case)
                work.Step step |> ignore

                let radii =
                    [|
                        for name, start in work.Task.Starts do
                            let factor = if case.Groups && name.StartsWith "head" then 2.0 else 1.0
                            yield! Array.replicate (int (start.numel ())) factor
                    |]

                let probe = Probe(work.Task, moment step, radii)
                near 1e-8 (numbers work.Parameters.Gradients) (oracle perturbation probe (moment step)) "gradient")
    ]

let private noisy =
    testList
        "filter-wise noise"
        [
            testCase "a filter is a row, a slice of a convolution, a token, or a whole vector"
            <| fun () ->
                use _ = torch.NewDisposeScope()

                let shapes =
                    [
                        "vector", [ 6L ]
                        "matrix", [ 2L; 3L ]
                        "prompts", [ 2L; 3L; 4L ]
                        "conv", [ 2L; 3L; 2L; 2L ]
                    ]

                use parameters =
                    parametersOf [ for name, shape in shapes -> name, torch.ones (Array.ofList shape) ]

                let ones = NoiseSource(fun _ _ -> torch.ones [| parameters.Count |])
                use perturbation = new LpfSgd(parameters, 1.0, 1, 1.0, ones)
                let mutable moved = []

                perturbation.Gradient(
                    Pass(fun _ _ ->
                        moved <- [ for name, _ in shapes -> (numbers parameters[name])[0] - 1.0 ]
                        torch.zeros 1L),
                    moment 0
                )
                |> ignore

                // The norm of so many ones.
                for actual, size in List.zip moved [ 6.0; 3.0; 4.0; 12.0 ] do
                    Order.isLessThan (abs (actual - sqrt size)) 1e-6 "deviation * norm"

            testCase "a filter of zeros gets no noise"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf [ "w", matrix float64 [ [ 0.0; 0.0 ]; [ 3.0; 4.0 ] ] ]

                use perturbation =
                    new LpfSgd(parameters, 1.0, 1, 1.0, ValueNoise.Drawn(1L, parameters))

                perturbation.Gradient(
                    Pass(fun _ _ ->
                        let values = numbers parameters.Values
                        Expect.allEqual values[..1] 0.0 "zeros"
                        Expect.notEqual values[2] 3.0 "the others move"
                        torch.zeros 1L),
                    moment 0
                )
                |> ignore

            law 40 "LPF-SGD on M copies of a batch is the mean of M single draws"
            <| on quadratics (fun problem ->
                let copied, scaled =
                    match problem with
                    | Quadratic(start, rows) -> Quadratic(start, rows @ rows @ rows), problem
                    | other -> other, other

                let gradient problem draws (noise: FlatParameters -> NoiseSource) =
                    let task = taskOf float64 problem
                    use parameters = parametersOf task.Starts
                    use perturbation = new LpfSgd(parameters, 0.25, draws, 1.0, noise parameters)
                    perturbation.Gradient(passIn 1 task parameters, moment 4) |> ignore
                    numbers parameters.Gradients

                let single draw =
                    gradient scaled 1 (fun parameters ->
                        let source = ValueNoise.Drawn(11L, parameters)
                        NoiseSource(fun now _ -> source.Invoke(now, draw)))

                let sum = List.map single [ 0..2 ] |> List.reduce add
                near 1e-10 (gradient copied 3 (fun parameters -> ValueNoise.Drawn(11L, parameters))) sum "gradient")

            testCase "LPF-SGD's deviation grows along a cosine from deviation to growth times it"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf [ "w", vector float64 [ 1.0 ] ]

                use perturbation =
                    new LpfSgd(parameters, 0.5, 1, 4.0, NoiseSource(fun _ _ -> vector float64 [ 1.0 ]))

                for finished, expected in [ 0.0, 0.5; 0.5, 1.25; 1.0, 2.0 ] do
                    perturbation.Gradient(
                        Pass(fun _ _ ->
                            let moved = (numbers parameters.Values)[0] - 1.0
                            Order.isLessThan (abs (moved - expected)) 1e-12 $"at {finished} of the run"
                            torch.zeros 1L),
                        Moment(0L, 0, rate, finished)
                    )
                    |> ignore

            for what, make in
                [
                    "a negative deviation", (fun (p: FlatParameters) noise -> new LpfSgd(p, -0.1, 1, 1.0, noise) :> obj)
                    "no draw", (fun p noise -> new LpfSgd(p, 0.1, 0, 1.0, noise))
                    "a growth of NaN", (fun p noise -> new LpfSgd(p, 0.1, 1, nan, noise))
                    "a mix above 1", (fun p noise -> new Rwp(p, 0.1, 1.1, noise))
                    "a mix of NaN", (fun p noise -> new Rwp(p, 0.1, nan, noise))
                ] do
                testCase $"{what} is refused"
                <| fun () ->
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf [ "w", torch.zeros 1L ]

                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> make parameters (ValueNoise.Drawn(1L, parameters)) |> ignore)
                        "refused"
        ]

[<Tests>]
let tests = testList "perturbations" [ testList "formula" formulas; noisy ]
