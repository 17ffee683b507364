/// A script is compiled when something that it is made of has changed, and only then.
module LongTail.Tests.ScriptFileTests

open System
open System.IO
open Expecto
open LongTail
open LongTail.Core
open LongTail.Commands
open LongTail.Tests.TempFolder

/// Compiles a script that loads another one, in a folder of its own; what was compiled is removed afterwards.
let private inScriptNamed main (text: string) body =
    inTempFolder (fun folder ->
        let file name = Path.Combine(folder, name)
        let made = ResizeArray<string>()

        let write name (text: string) = File.WriteAllText(file name, text)

        let compiled () =
            let program = ScriptFile.compiled (file $"{main}.fsx")
            made.Add program
            program

        write "loaded.fsx" "let word = \"first\""
        write $"{main}.fsx" $"#load \"loaded.fsx\"\n{text}"

        try
            body write compiled (file "said")
        finally
            for program in Seq.distinct made do
                Directory.Delete(Path.GetDirectoryName program |> string, true))

let private inScript text body = inScriptNamed "main" text body

/// A script that gives each of these words a name on a line of its own, from the fifth on.
let private inScriptOf said (named: string -> string -> string) body =
    let text =
        [
            for kind in [ typeof<Experiment>; typeof<InputException> ] do
                $"#r @\"{kind.Assembly.Location}\""
            "open LongTail"
            for i, (words, _) in List.indexed said do
                named $"f{i}" words
        ]
        |> String.concat "\n"

    inScript text body

let private saying =
    "System.IO.File.WriteAllText(System.IO.Path.Combine(__SOURCE_DIRECTORY__, \"said\"), Loaded.word)"

[<Tests>]
let tests =
    testList
        "script"
        [
            testCase "a script is compiled once, and again where it or what it loads has changed" (fun () ->
                inScript saying (fun write compiled said ->
                    let first = compiled ()
                    let written = File.GetLastWriteTimeUtc first
                    Expect.equal (compiled ()) first "the same text is the same program"
                    Expect.equal (File.GetLastWriteTimeUtc first) written "which was not made again"
                    ScriptFile.run first
                    Expect.equal (File.ReadAllText said) "first" "it runs"
                    write "loaded.fsx" "let word = \"second\""
                    let second = compiled ()
                    Expect.notEqual second first "a loaded file enters"))
            testCase "what the compiler refuses is told in its words and not kept" (fun () ->
                inScript "Loaded.wrd" (fun _ compiled _ ->
                    for _ in 1..2 do
                        let message = inputError compiled
                        Expect.stringContains message "main.fsx(2,8): error FS0039" "the compiler's place"))
            testCase "what the script itself throws is told in a line, with the script's own" (fun () ->
                inScriptNamed
                    "throws"
                    "\n[ 1 ] |> List.iter (fun _ -> failwith \"boom\\nand more\")"
                    (fun _ compiled _ ->
                        let program = compiled ()
                        Expect.equal (inputError (fun () -> ScriptFile.run program)) "throws.fsx(3): boom" "line"))
            testCase "a file that is no script is refused by its name" (fun () ->
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "notes.md")
                    File.WriteAllText(file, "# Notes")

                    Expect.equal
                        (inputError (fun () -> ScriptFile.compiled file))
                        $"{file} is no script: name one, NAME.fsx"
                        "line"))
            testCase "a script that does not load the language is told how" (fun () ->
                for text in [ "experiment \"x\" { dataset Cifar10 }"; "#load \"longtail.fsx\"" ] do
                    inScript text (fun _ compiled _ ->
                        Expect.stringEnds
                            (inputError compiled)
                            "/experiments/longtail.fsx\"` and `open LongTail`"
                            text))
            testCase "a part that an experiment forgets is named" (fun () ->
                let library = typeof<Experiment>.Assembly.Location
                let core = typeof<InputException>.Assembly.Location

                let forgetful =
                    $"""
#r @"{library}"
#r @"{core}"
open LongTail
experiment "x" {{
    dataset Cifar10
    model (vit "x")
    schedule (cosine 1<epoch>)
}} |> run"""

                inScript forgetful (fun _ compiled _ ->
                    Expect.stringEnds
                        (inputError compiled)
                        "line 7: the experiment does not say its loss\nline 7: the experiment does not say its optimizer"
                        "parts"))
            testCase "a name that the language lacks is told with the one that a reader of papers means" (fun () ->
                let said =
                    [
                        "vary optimizer [ none ]", "the language has no optimizer: say perturbation"
                        "vary Optimizer [ none ]", "the language has no Optimizer: say perturbation"
                        "vary lr [ 0.1 ]", "the language has no lr: say learningRate"
                        "vary learning_rate [ 0.1 ]", "the language has no learning_rate: say learningRate"
                        "vary batch [ 64 ]", "the language has no batch: say batchSize"
                        "vary epoch [ 4<epoch> ]", "the language has no epoch: say epochs"
                        "vary losses [ crossEntropy ]", "the language has no losses: say loss"
                        "vary loss [ cross_entropy ]", "the language has no cross_entropy: say crossEntropy"
                        "vary perturbation [ SAM 0.05 ]", "the language has no SAM: say sam"
                        "seed [ 0; 1 ]", "the language has no seed: say seeds"
                        "vary schedule [ 4<epoch> ]",
                        "schedule is no axis; there is imbalance, learningRate, promptLength, epochs, batchSize, dataset, input, model, perturbation, loss, sampling, and `axis` makes others"
                        "vary epochs [ 4 ]", "epochs are written with their unit, as in 4<epoch>"
                        "vary perturbation [ sgd 0.1 ]",
                        "a perturbation is what is around the optimizer, as none, gnm 0.005 or sam 0.05; an axis of your own varies the optimizer itself"
                    ]

                inScriptOf said (fun name words -> $"let {name} sweep = sweep |> {words}") (fun _ compiled _ ->
                    let lines = inputError(compiled).Split '\n'

                    for i, (words, line) in List.indexed said do
                        Expect.contains lines $"line {i + 5}: {line}" words))
            testCase "a slip in what a script writes is told with how it is written" (fun () ->
                let inExperiment words = $"experiment \"x\" {{ {words} }}"

                let said =
                    let begins = "this begins with "

                    let joined =
                        "two words stand side by side: join them by |>, as in sgd 0.01 |> momentum 0.9; in a list separate them by semicolons"

                    let semicolons = "values of a list are separated by semicolons, as in [ 0; 1 ]"
                    let numbers = "numbers of a list are separated by semicolons, as in [ 0.1; 0.2 ]"
                    let lacking = "a word lacks its number, as in gnm 0.005 or crop 4"
                    let pipeline = begins + "decode, as in decode |> resizeShort 256 |> centreCrop 224"

                    let inner =
                        "words behind no beginning are joined by >>, as in testing (resizeShort 256 >> centreCrop 224)"

                    let list = "values stand in a list, as in [ 0; 1 ]"
                    let negative = "a negative number is written in parentheses, as in gcl (-25.)"
                    let optimizer = begins + "sgd or adamW, as in sgd 0.01 |> gnm 0.005"
                    let loss = begins + "one of the losses, as in crossEntropy |> labelSmoothing 0.1"
                    let unit = "epochs are written with their unit, as in 4<epoch>"
                    let whole = "a whole number is written without a dot, as in 4"

                    let line =
                        "a line above is not joined to the sweep: begin it with |>, as in |> seeds [ 0; 1 ]"

                    [
                        inExperiment "input (resizeShort 256 |> centreCrop 224)", pipeline
                        inExperiment "input flip", pipeline
                        "(resizeShort 256 |> centreCrop 224 : Input)", pipeline
                        "vary input [ flip; publishedCifar ] sweep", pipeline
                        "testing (resizeShort 256 |> centreCrop 224) decode", inner
                        inExperiment "loss (labelSmoothing 0.1)", loss
                        inExperiment "optimizer (momentum 0.9)", optimizer
                        inExperiment "optimizer (gnm 0.005)", optimizer
                        "decode crop 4", joined
                        "sgd 0.01 momentum 0.9", joined
                        "gcl 25. deferReweighting 4<epoch>", joined
                        "cosine 4 epoch", joined
                        "(sweep |> seeds [ 0; 1 ] run)", joined
                        "vary perturbation [ none gnm 0.005 ] sweep", joined
                        "(seeds [ 0; 1 ] |> run)", line
                        "seeds [ 0, 1 ] sweep", semicolons
                        "vary learningRate [ 0.1, 0.2 ] sweep", semicolons
                        "vary perturbation [ none, gnm 0.005 ] sweep", semicolons
                        "vary learningRate [ 0.1 0.2 ] sweep", numbers
                        "seeds [ 0 1 ] sweep", numbers
                        "seeds 5 sweep", list
                        "vary learningRate 0.1 sweep", list
                        "vary epochs 4 sweep", list
                        "cosine 4", unit
                        "cosine 4<epochs>", unit
                        "gcl 25. |> deferReweighting 4", unit
                        "decode |> crop 4.", whole
                        "decode |> crop", lacking
                        "sgd |> momentum 0.9", lacking
                        inExperiment "loss gcl", lacking
                        "vary perturbation [ none; sam ] sweep", lacking
                        "vary perturbation [ sam; none ] sweep", lacking
                        "gcl - 25.", negative
                        inExperiment "loss gcl 25.", "what loss takes stands in parentheses, as in loss (...)"
                        inExperiment "dataset Cifar10 |> longTailed 100.",
                        "what dataset takes stands in parentheses, as in dataset (...)"
                    ]

                inScriptOf said (fun name words -> $"let {name} (sweep: Sweep) = {words}") (fun _ compiled _ ->
                    let told = inputError(compiled).Split '\n' |> Array.filter _.StartsWith("line ")

                    let wanted =
                        [ for i, (_, advice) in List.indexed said -> $"line {i + 5}: {advice}" ]

                    Expect.equal (Set.ofArray told) (Set.ofList wanted) "one line each"))
            testCase "a script that the compiler refuses keeps the others from nothing, and each is reported" (fun () ->
                inScript "Loaded.wrd" (fun write _ beside ->
                    let script name =
                        Path.Combine(string (Path.GetDirectoryName beside), name)

                    write "good.fsx" "printfn \"hello\""
                    let main, good = script "main.fsx", script "good.fsx"
                    use said = new StringWriter()
                    use refused = new StringWriter()
                    let out, error = Console.Out, Console.Error
                    Console.SetOut said
                    Console.SetError refused

                    let code =
                        try
                            Program.main [| "compile"; main; script "none.fsx"; good |]
                        finally
                            Console.SetOut out
                            Console.SetError error

                    Expect.equal code 2 "code"
                    Expect.stringContains (string refused) $"{main}: " "refused"
                    Expect.stringContains (string refused) "there is no script" "not there"
                    Expect.equal (string said) $"{good}: compiled\n" "compiled"
                    Directory.Delete(Path.GetDirectoryName(ScriptFile.compiled good) |> string, true)))
            testCase "a script that asks for nothing is told so by every command that takes one" (fun () ->
                // Of a name of its own: a process loads one program of a name.
                inScriptNamed "idle" "printfn \"hello\"" (fun _ compiled said ->
                    compiled () |> ignore
                    let script = Path.Combine(string (Path.GetDirectoryName said), "idle.fsx")

                    for words in
                        [
                            [ "run"; script ]
                            [ "run"; script; "--dry-run" ]
                            [ "plan"; script ]
                            [ "plan"; script; "--json" ]
                            [ "check"; script ]
                            [ "status"; script ]
                            [ "verify"; script ]
                            [ "export"; "md"; script ]
                            [ "report"; script ]
                            [ "gc"; script ]
                            [ "bench"; script ]
                            [ "surface"; script ]
                        ] do
                        use refused = new StringWriter()
                        let error = Console.Error
                        Console.SetError refused

                        let code =
                            try
                                Program.main (Array.ofList words)
                            finally
                                Console.SetError error

                        Expect.equal code 2 $"{words}"

                        Expect.equal
                            (string refused)
                            $"{script} asks for nothing: end it with `|> run` behind a sweep\n"
                            $"{words}"))
            testCase "what a script asks for is seen outside its comments" (fun () ->
                inScript "// weightsOr\nlet f () = small ()" (fun _ _ said ->
                    let script = Path.Combine(string (Path.GetDirectoryName said), "main.fsx")
                    Expect.isFalse (ScriptFile.says @"\bweightsOr\b" script) "a comment"
                    Expect.isTrue (ScriptFile.says @"\bsmall\b" script) "code"))
        ]
