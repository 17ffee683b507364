/// Plants the defects one by one in a copy of the sources and runs the test that each names: it must fail.
#load "Defect.fs"
#load "rooms/Core.fs" "rooms/Data.fs" "rooms/Evaluation.fs" "rooms/Files.fs" "rooms/Images.fs" "rooms/Language.fs" "rooms/Losses.fs" "rooms/Models.fs" "rooms/Optimizers.fs" "rooms/Results.fs" "rooms/Samplers.fs" "rooms/Saying.fs" "rooms/Training.fs"
#load "Defects.fs"

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open System.Threading
open LongTail.Tests.Mutation

let stop = new CancellationTokenSource()

/// Runs `dotnet` behind whatever else the machine does: exit code and lines.
let dotnet (arguments: string list) =
    let info =
        ProcessStartInfo("nice", "dotnet" :: arguments, RedirectStandardOutput = true, RedirectStandardError = true)

    use child = Process.Start info |> Option.ofObj |> Option.get
    use limit = CancellationTokenSource.CreateLinkedTokenSource stop.Token
    // A test that takes longer hangs.
    limit.CancelAfter(TimeSpan.FromMinutes 4.)
    use _ = limit.Token.Register(fun () -> child.Kill(entireProcessTree = true))
    child.BeginErrorReadLine()
    let lines = child.StandardOutput.ReadToEnd().Split '\n'
    child.WaitForExit()
    stop.Token.ThrowIfCancellationRequested()
    child.ExitCode, lines

/// Whatever is missing is set up and built, on our own terminal.
let build () =
    let info =
        ProcessStartInfo("dotnet", [ "fsi"; $"{__SOURCE_DIRECTORY__}/../../build.fsx"; "build" ])

    use child = Process.Start info |> Option.ofObj |> Option.get
    child.WaitForExit()
    child.ExitCode

let scratch =
    Path.Combine(Path.GetTempPath(), $"longtail-mutate-{Environment.ProcessId}")

let inScratch path = Path.Combine(scratch, path)

/// Sources, and all that was made of them: only the project with the defect is compiled again.
let copySources () =
    Directory.CreateDirectory scratch |> ignore

    let parts =
        [
            "src"
            "tests"
            "web"
            ".paket"
            "paket-files"
            "paket.dependencies"
            "paket.lock"
        ]
        @ [ "Directory.Build.props"; "Directory.Build.targets" ]
        |> List.map (fun part -> $"{__SOURCE_DIRECTORY__}/../../{part}")

    use copy = Process.Start("cp", [ "-a" ] @ parts @ [ scratch ])

    copy.WaitForExit()

    if copy.ExitCode <> 0 then
        failwith $"the sources cannot be copied to {scratch}"

    Directory.CreateDirectory(inScratch "build") |> ignore

    Directory.CreateSymbolicLink(
        inScratch "build/engine",
        Path.GetFullPath $"{__SOURCE_DIRECTORY__}/../../build/engine"
    )
    |> ignore

let release = "Release/net10.0"

/// Runs the tests with one of these names: the exit code, and the names of those that ended so.
let runTests project names =
    let code, lines =
        dotnet (inScratch $"tests/{project}/bin/{release}/{project}.dll" :: names)

    let ended ending =
        [
            for line in lines do
                let found = Regex.Match(line, $@"^  {ending} (.+) \[")

                if found.Success then
                    found.Groups[1].Value
        ]

    code, ended

/// What is wrong with the named tests before any defect is planted.
let troubles defects =
    [
        for project, defects in defects |> List.groupBy (fun (defect: Defect) -> defect.Tests) do
            let names = defects |> List.map _.CaughtBy |> List.distinct
            let code, ended = runTests project names

            for name in ended "Failed" do
                $"fails without a defect: {name}"

            for name in names do
                if not (ended "Passed" |> List.exists _.Contains(name)) then
                    $"no such test passes in {project}: {name}"

            if code <> 0 && (ended "Failed").IsEmpty then
                $"{project} ended with code {code} without a defect"
    ]

/// Compiles to obj/ and no further: what stands in bin/ stays whole.
let compile project =
    let code, lines =
        dotnet
            [
                "build"
                inScratch project
                "-t:Compile"
                "--no-restore"
                "--no-dependencies"
                "-nodeReuse:false"
                // A variable that the defect leaves unused is no reason not to build.
                "-p:TreatWarningsAsErrors=false"
            ]

    if code = 0 then
        None
    else
        lines
        |> Array.tryFind _.Contains(": error ")
        |> Option.orElse (Some $"code {code}")

/// Puts the project's assembly beside its tests: the defective one from obj/, or the whole one from bin/.
let install (defect: Defect) folder =
    for made in Directory.GetFiles(inScratch $"{defect.Project}/obj/{release}", "*.dll") do
        let name = Path.GetFileName made
        let assembly = inScratch $"{defect.Project}/{folder}/{release}/{name}"
        File.Copy(assembly, inScratch $"tests/{defect.Tests}/bin/{release}/{name}", overwrite = true)

/// A word and its reason; "caught" is the only good one.
let judge (defect: Defect) =
    match Defect.plant scratch defect with
    | Error why -> "NO PLACE", why
    | Ok planted ->
        let file = inScratch defect.File
        let whole = File.ReadAllText file
        File.WriteAllText(file, planted)
        let refused = compile defect.Project
        File.WriteAllText(file, whole)

        match refused with
        | Some why -> "NO BUILD", why
        | None ->
            install defect "obj"
            let code, ended = runTests defect.Tests [ defect.CaughtBy ]
            install defect "bin"

            match ended "Failed" with
            | first :: _ -> "caught", $"by {first}"
            | [] when code = 0 -> "SURVIVED", $"unseen by {defect.CaughtBy}"
            | [] -> "NO ANSWER", $"the test run ended with code {code} and no failed test"

let run defects =
    copySources ()
    let clock = Stopwatch.StartNew()

    match troubles defects with
    | [] ->
        let verdicts =
            [
                for defect in defects do
                    let start = clock.Elapsed
                    let word, why = judge defect
                    let took = (clock.Elapsed - start).TotalSeconds
                    printfn $"{word, -9} {took, 4:f0} s  {defect.Name}: {why}"
                    word
            ]

        let caught = verdicts |> List.filter ((=) "caught")
        printfn $"\n{caught.Length} of {verdicts.Length} defects caught in {clock.Elapsed.TotalMinutes:f1} minutes"
        if caught.Length = verdicts.Length then 0 else 1
    | troubles ->
        troubles |> List.iter (printfn "%s")
        1

let code =
    let name = fsi.CommandLineArgs |> Array.tryItem 1 |> Option.defaultValue ""

    match Defects.all |> List.filter _.Name.Contains(name) with
    | [] ->
        eprintfn
            $"mutate: no defect's name contains \"{name}\": give a part of one (tests/mutate/rooms has them), or none for all"

        2
    | defects ->
        let giveUp (signal: PosixSignalContext) =
            signal.Cancel <- true
            stop.Cancel()

        use _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, giveUp)
        use _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, giveUp)

        try
            try
                match build () with
                | 0 -> run defects
                | code -> code
            with :? OperationCanceledException ->
                130
        finally
            if Directory.Exists scratch then
                Directory.Delete(scratch, true)

exit code
