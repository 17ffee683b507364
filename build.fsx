/// The one door of the house: `dotnet fsi build.fsx TARGET`, see `usage` at the end of this file.
open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open System.Xml.Linq

Directory.SetCurrentDirectory __SOURCE_DIRECTORY__

for folder in [ "logs"; "stamps"; "feed"; "tests" ] do
    Directory.CreateDirectory $"build/{folder}" |> ignore

/// What a person can mend: printed in one line; the exit code is 2.
exception Trouble of string

// ---- Children ------------------------------------------------------------------------------------------------

let private say (step: string) (what: string) = printfn $"{step, -9} {what}"

/// Starts a child; `onLine` gets what it writes, line by line, or it writes to our own terminal when there is none.
let private start (onLine: (string -> unit) option) (command: string) (arguments: string list) =
    let info = ProcessStartInfo(command, arguments)
    info.RedirectStandardOutput <- onLine.IsSome
    info.RedirectStandardError <- onLine.IsSome
    info.Environment["DEBIAN_FRONTEND"] <- "noninteractive"
    info.Environment["MSBUILDDISABLENODEREUSE"] <- "1"
    info.Environment["DOTNET_CLI_UI_LANGUAGE"] <- "en"
    use child = new Process(StartInfo = info)
    let gate = obj ()

    let hear (received: DataReceivedEventArgs) =
        if not (isNull received.Data) then
            lock gate (fun () -> onLine |> Option.iter (fun f -> f received.Data))

    child.OutputDataReceived.Add hear
    child.ErrorDataReceived.Add hear

    try
        child.Start() |> ignore
    with :? ComponentModel.Win32Exception ->
        raise (Trouble $"`{command}` is not on this machine's PATH: install it")

    if onLine.IsSome then
        child.BeginOutputReadLine()
        child.BeginErrorReadLine()

    child.WaitForExit()
    child.ExitCode

/// Runs a child on our own terminal. Ctrl-C reaches the child too, and we wait until it has put its work away.
let private openly command arguments =
    use _ =
        PosixSignalRegistration.Create(PosixSignal.SIGINT, fun signal -> signal.Cancel <- true)

    start None command arguments

/// Runs a child and gives what it wrote.
let private heard command arguments =
    let lines = ResizeArray<string>()
    let code = start (Some lines.Add) command arguments
    code, List.ofSeq lines

/// Runs a child into build/logs/STEP.log; the log is shown only when the child fails.
let private quietly step command arguments =
    let log = $"build/logs/{step}.log"
    let code, lines = heard command arguments
    File.WriteAllLines(log, lines)

    if code <> 0 then
        lines |> List.iter (eprintfn "%s")

        let words = String.concat " " (command :: arguments)
        raise (Trouble $"{step}: `{words}` failed with code {code}; its output stands above and in {log}")

// ---- Steps that run only when their inputs changed -----------------------------------------------------------

let private made = set [ "bin"; "obj"; "build"; ".paket" ]

let rec private filesUnder folder =
    [
        yield! Directory.GetFiles folder

        for inner in Directory.GetDirectories folder do
            if not (made.Contains(Path.GetFileName inner)) then
                yield! filesUnder inner
    ]

/// Files and folders as one text: every file's path, length and time of writing.
let private stampOf inputs =
    [
        for input in inputs do
            if Directory.Exists input then
                yield! filesUnder input
            elif File.Exists input then
                input
    ]
    |> List.sort
    |> List.map (fun file -> $"{file} {FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}")
    |> String.concat "\n"

let private remember step (stamp: string) =
    File.WriteAllText($"build/stamps/{step}", stamp)

/// Does the work unless it was done with just these inputs and its output is still there.
let private whenChanged step what inputs output work =
    // Taken before the work: what changes meanwhile is seen the next time.
    let stamp = stampOf inputs
    let file = $"build/stamps/{step}"

    if not (Path.Exists output && File.Exists file && File.ReadAllText file = stamp) then
        say step what
        work ()
        remember step stamp

// ---- setup: Debian's packages --------------------------------------------------------------------------------

let private variable name =
    Environment.GetEnvironmentVariable name
    |> Option.ofObj
    |> Option.filter ((<>) "")

/// The folder of a libtorch that the person chose instead of Debian's.
let private chosenTorch =
    variable "LIBTORCH" |> Option.orElse (variable "Torch_DIR")

/// The reference BLAS and OpenBLAS's own threads make libtorch many times slower, here and in other programs.
let private warnOfSlowBlas () =
    for folder in Directory.GetDirectories("/usr/lib", "*-linux-gnu*") do
        let blas = FileInfo(Path.Combine(folder, "libblas.so.3"))

        if blas.Exists then
            let target = blas.ResolveLinkTarget(true) |> Option.ofObj |> Option.map _.FullName

            if target |> Option.exists (fun path -> not (path.Contains "openblas-openmp")) then
                let name = Path.GetFileName folder

                let choose =
                    $"update-alternatives --set libblas.so.3-{name} {folder}/openblas-openmp/libblas.so.3"

                eprintfn
                    $"setup     the system's BLAS is {target.Value}, slow under libtorch; we load OpenBLAS's OpenMP build, `{choose}` makes all programs do so"

let private onPath command =
    (variable "PATH" |> Option.defaultValue "").Split ':'
    |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, command)))

/// Installs those of Debian's packages that are not here; elsewhere than on Debian they must be.
let private install (wanted: string list) =
    if not (File.Exists "/usr/bin/dpkg-query") then
        let names = String.concat ", " wanted
        say "setup" $"not a Debian machine: what Debian calls {names} must be here already"
    else
        let _, lines =
            heard "dpkg-query" ([ "-W"; "-f"; "${Package} ${db:Status-Status}\n" ] @ wanted)

        let missing =
            wanted
            |> List.filter (fun name -> not (List.contains $"{name} installed" lines))

        if not missing.IsEmpty then
            let names = String.concat " " missing
            let byHand = $"apt-get update && apt-get install -y --no-install-recommends {names}"
            say "setup" $"Debian packages: {names}"

            let apt step arguments =
                if Environment.IsPrivilegedProcess then
                    quietly step "apt-get" arguments
                else
                    // Without a terminal nobody can type a password.
                    let ask = if Console.IsInputRedirected then [ "-n" ] else []
                    quietly step "sudo" (ask @ [ "DEBIAN_FRONTEND=noninteractive"; "apt-get" ] @ arguments)

            try
                apt "apt-update" [ "update" ]
                apt "apt-install" ([ "install"; "-y"; "--no-install-recommends" ] @ missing)
            with Trouble reason ->
                raise (Trouble $"setup: cannot install {names} ({reason}). Run this as root: {byHand}")

let setup () =
    install
        [
            "cmake"
            "g++"
            "dataset-fashion-mnist"
            "libturbojpeg0"
            "libspng0"
            if not (onPath "npm") then
                "nodejs"
                "npm"
            if chosenTorch.IsNone then
                "libtorch-dev"
                "libopenblas0-openmp"
        ]

    if chosenTorch.IsNone && Directory.Exists "/usr/lib" then
        warnOfSlowBlas ()

/// What the page of reports is tested in. The test is skipped where it is not here.
let private browser () =
    if not (onPath "chromium") then
        try
            install [ "chromium" ]
        with Trouble reason ->
            say "setup" reason

// ---- restore: NuGet's packages -------------------------------------------------------------------------------

let private packagesIn pattern file =
    [
        if File.Exists file then
            for line in File.ReadLines file do
                let found = Regex.Match(line, pattern)

                if found.Success then
                    found.Groups[1].Value, found.Groups[2].Value
    ]

/// NuGet's own client, which knows the machine's feeds, brings the packages into the local folder that Paket reads.
let private fillFeed packages =
    let references =
        packages
        |> List.map (fun (name, version) -> $"""<PackageReference Include="{name}" Version="{version}" />""")
        |> String.concat ""

    // Nothing of the house's own properties may reach this project.
    for file in [ "Directory.Build.props"; "Directory.Build.targets" ] do
        File.WriteAllText($"build/feed/{file}", "<Project />")

    File.WriteAllText(
        "build/feed/feed.csproj",
        // Without the switch NuGet leaves out what the framework brings, and Paket cannot resolve the rest.
        $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <RestoreEnablePackagePruning>false</RestoreEnablePackagePruning>
  </PropertyGroup>
  <ItemGroup>{references}</ItemGroup>
</Project>"""
    )

    quietly "feed" "dotnet" [ "restore"; "build/feed/feed.csproj"; "--packages"; "feed-packages" ]

let restore () =
    let inputs = [ "paket.dependencies"; "paket.lock"; ".config" ]

    let work () =
        let wanted = packagesIn @"^nuget (\S+) (\S+)" "paket.dependencies"
        let locked = packagesIn @"^    (\S+) \(([^)]+)\)$" "paket.lock"
        quietly "tools" "dotnet" [ "tool"; "restore" ]

        if wanted |> List.forall (fun package -> List.contains package locked) then
            fillFeed locked
        else
            fillFeed wanted
            quietly "resolve" "dotnet" [ "paket"; "update"; "--no-install" ]

        quietly "restore" "dotnet" [ "paket"; "restore" ]

    whenChanged "restore" "packages, from the machine's own feeds" inputs ".paket/Paket.Restore.targets" work

// ---- native and build ----------------------------------------------------------------------------------------

let private door = "src/LibTorch.CSharp/native/build/liblongtail_torch.so"

let native () =
    for folder in Option.toList chosenTorch do
        let config = "TorchConfig.cmake"

        if
            not (
                File.Exists $"{folder}/share/cmake/Torch/{config}"
                || File.Exists $"{folder}/{config}"
            )
        then
            raise (Trouble $"native: {folder} holds no libtorch ({config}): mend LIBTORCH or Torch_DIR, or unset it")

    let source = "src/LibTorch.CSharp/native"
    let made = $"{source}/build"
    let torch = defaultArg chosenTorch "Debian's"
    let choice = "build/libtorch"

    if not (File.Exists choice && File.ReadAllText choice = torch) then
        File.WriteAllText(choice, torch)

    let work () =
        // CMake would keep the libtorch that it found first.
        if Directory.Exists made then
            Directory.Delete(made, true)

        quietly "cmake" "cmake" [ "-S"; source; "-B"; made ]
        quietly "native" "cmake" [ "--build"; made ]

    whenChanged "native" $"the native door, on {torch} libtorch" [ source; choice ] door work

/// The page that a report is written into.
let private page = "web/dist/report.html"

let private web () =
    let packages = [ "web/package.json"; "web/package-lock.json" ]

    // Scripts of packages would fetch what is there already.
    whenChanged "npm" "the page's packages, from the machine's own registry" packages "web/node_modules" (fun () ->
        quietly "npm" "npm" [ "ci"; "--prefix"; "web"; "--ignore-scripts" ])

    whenChanged "web" "the page of reports" ("web/build.js" :: "web/src" :: packages) page (fun () ->
        quietly "web" "npm" [ "run"; "build"; "--prefix"; "web" ])

let private compile what () =
    quietly "build" "dotnet" [ "build"; what; "-c"; "Release" ]

let private rules =
    [ "Directory.Build.props"; "Directory.Build.targets"; "paket.lock" ]

let private sources = rules @ [ "src"; door; page ]

let private longtail = "src/Dsl.FSharp/bin/Release/net10.0/LongTail.dll"

/// What every script of ours must pass, and so that the first `plan` of one is as quick as the next.
let private scripts () =
    let files =
        Directory.GetFiles("experiments", "*.fsx")
        |> Array.filter (fun file -> Path.GetFileName file <> "longtail.fsx")
        |> List.ofArray

    whenChanged "scripts" "experiments" [ "experiments"; longtail ] "experiments" (fun () ->
        quietly "scripts" "dotnet" (longtail :: "compile" :: files))

/// What a script needs: the language and all below it.
let private program () =
    web ()
    let project = "src/Dsl.FSharp"
    whenChanged "program" project sources $"{project}/bin/Release" (compile project)

/// What `bench` times: the core alone.
let private benchmarks () =
    let project = "benchmarks"
    whenChanged "bench" project (sources @ [ project ]) $"{project}/bin/Release" (compile project)

/// The whole solution, tests too.
let build () =
    web ()
    let solution = "LongTail.slnx"

    whenChanged
        "build"
        solution
        (sources @ [ solution; "tests"; "benchmarks" ])
        "tests/Core.Tests/bin/Release"
        (fun () ->
            let stamp = stampOf sources
            compile solution ()
            remember "program" stamp)

    scripts ()

// ---- test ----------------------------------------------------------------------------------------------------

type private Outcome =
    {
        Name: string
        Ending: string
        Message: string
        Trace: string
    }

let private outcomesIn (trx: string) =
    [
        if File.Exists trx then
            let document = XDocument.Load trx

            let named name (parent: XContainer) =
                parent.Descendants()
                |> Seq.filter (fun element -> element.Name.LocalName = name)

            let text name element =
                named name element
                |> Seq.tryHead
                |> Option.map _.Value
                |> Option.defaultValue ""

            for result in named "UnitTestResult" document do
                {
                    Name = result.Attribute(XName.Get "testName").Value
                    Ending = result.Attribute(XName.Get "outcome").Value
                    Message = text "Message" result
                    Trace = text "StackTrace" result
                }
    ]

/// The frames of our own code; the adapter's and the checker's tell a reader nothing.
let private ownFrames (trace: string) =
    trace.Split '\n'
    |> Array.filter (fun frame -> not (Regex.IsMatch(frame, @"\bat (Expecto|FsCheck|Microsoft\.FSharp)\.")))
    |> String.concat "\n"

/// VSTest's filter gives these characters a meaning of their own.
let private escaped (name: string) =
    Regex.Replace(name, @"[\\()&|=!~]", @"\$0")

let private runTests name project =
    let trx = $"build/tests/{project}.trx"
    File.Delete trx
    let log = ResizeArray<string>()

    let live (line: string) =
        log.Add line

        if Regex.IsMatch(line, @"^  (Passed|Failed|Skipped) ") then
            printfn $"{line}"

    let code =
        start
            (Some live)
            "dotnet"
            [
                "test"
                $"tests/{project}/bin/Release/net10.0/{project}.dll"
                "--logger"
                $"trx;LogFileName={project}.trx"
                "--logger"
                "console;verbosity=normal"
                "--results-directory"
                "build/tests"
                match name with
                | Some name ->
                    "--filter"
                    $"DisplayName~{escaped name}"
                | None -> ()
            ]

    File.WriteAllLines($"build/logs/{project}.log", log)
    let outcomes = outcomesIn trx

    // A host that died has no failed test to show.
    if code <> 0 && not (outcomes |> List.exists (fun test -> test.Ending = "Failed")) then
        log |> Seq.iter (eprintfn "%s")
        raise (Trouble $"test: {project} ended with code {code} and no failed test; its words stand above")

    outcomes

let test (name: string option) =
    say
        "test"
        (name
         |> Option.map (sprintf "tests whose full name contains \"%s\"")
         |> Option.defaultValue "every test")

    let outcomes = [ "Core.Tests"; "Dsl.Tests" ] |> List.collect (runTests name)

    let ended ending =
        outcomes |> List.filter (fun test -> test.Ending = ending)

    let passed, failed, skipped = ended "Passed", ended "Failed", ended "NotExecuted"

    for test in skipped do
        printfn $"\nskipped: {test.Name}\n  {test.Message}"

    for test in failed do
        printfn $"\nFAILED: {test.Name}\n{test.Message}\n{ownFrames test.Trace}"

    if outcomes.IsEmpty && name.IsSome then
        raise (Trouble $"test: no test's full name contains \"{name.Value}\"")

    printfn $"\n{passed.Length} passed, {failed.Length} failed, {skipped.Length} skipped"
    if failed.IsEmpty && not outcomes.IsEmpty then 0 else 1

/// The golden suite, recorded passes and the quickstart's steps on a GPU, with the door built against the libtorch that LIBTORCH names.
let private cuda () =
    if (variable "LIBTORCH" |> Option.orElse (variable "Torch_DIR")).IsNone then
        raise (Trouble "cuda: name a CUDA libtorch with LIBTORCH (README, GPU)")

    Environment.SetEnvironmentVariable("LONGTAIL_DEVICE", "cuda")

    if
        [ "golden.reference"; "pass graph" ]
        |> List.exists (fun name -> test (Some name) <> 0)
    then
        1
    else
        openly "dotnet" [ longtail; "bench"; "experiments/quickstart.fsx"; "--device"; "cuda" ]

/// Not part of `test`: it compiles once a defect. The script builds by itself, once it knows the name that it is given.
let private mutate name =
    // 3886 asks whether a list of one pair was meant: it was.
    openly "dotnet" ([ "fsi"; "--nowarn:3886"; "tests/mutate/Mutate.fsx" ] @ name)

// ---- The rest ------------------------------------------------------------------------------------------------

let private script file arguments =
    openly "dotnet" (longtail :: "run" :: file :: arguments)

let private timed arguments =
    openly "dotnet" ("benchmarks/bin/Release/net10.0/Benchmarks.dll" :: arguments)

let format fix =
    let fsharp =
        [ "build.fsx"; "src"; "tests"; "benchmarks"; "experiments" ]
        |> List.filter Path.Exists

    let trouble tool arguments =
        try
            quietly tool "dotnet" (tool :: arguments)
            None
        with Trouble reason ->
            Some reason

    [
        trouble "fantomas" (if fix then fsharp else "--check" :: fsharp)
        trouble "csharpier" [ (if fix then "format" else "check"); "." ]
    ]
    |> List.choose id
    |> function
        | [] -> say "format" (if fix then "done" else "as it should be")
        | _ when fix -> raise (Trouble "format: a file above cannot be read by the formatter")
        | _ -> raise (Trouble "format: the files above are not in form; `dotnet fsi build.fsx format fix` mends them")

    0

let clean () =
    let rec built folder =
        [
            for inner in Directory.GetDirectories folder do
                if List.contains (Path.GetFileName inner) [ "bin"; "obj"; "build" ] then
                    inner
                else
                    yield! built inner
        ]

    for folder in
        ([ "src"; "tests"; "benchmarks" ] |> List.collect built)
        @ [
            "build"
            "feed-packages"
            "paket-files"
            ".paket"
            "web/dist"
            "web/node_modules"
        ] do
        if Directory.Exists folder then
            Directory.Delete(folder, true)

let usage =
    """dotnet fsi build.fsx TARGET

  run [SCRIPT] [ARGUMENTS]
                      sets up all that is missing and runs experiments/quickstart.fsx, or another script
  test [NAME]         sets up likewise and runs every test, or those whose full name contains NAME
  mutate [NAME]       plants defects in a copy of the sources, all or those whose name contains NAME, and runs the
                      test that each must not pass (tests/mutate/)
  bench [ARGUMENTS]   times a step under each rule, and beside PyTorch (benchmarks/)
  bench decode        times decoding and random resized crop, beside Pillow
  bench augment       times a training batch of CIFAR's published pipeline, beside Pillow
  bench parts         times what a step does beside its products, by BenchmarkDotNet

  cuda                the golden suite, recorded passes and a timed step on a GPU, against the libtorch that LIBTORCH names

  setup               Debian's packages
  restore             NuGet's packages and the tools
  native              the native door (LIBTORCH or Torch_DIR choose another libtorch than Debian's)
  build               the solution
  format [fix]        checks, or mends, the form of the code
  clean               removes all that was built or restored; runs stay"""

let private after steps target =
    for step in steps do
        step ()

    target ()

let private main arguments =
    let nothing () = 0

    match arguments with
    | "run" :: rest ->
        after [ setup; restore; native; program ] (fun () ->
            match rest with
            | file :: rest when file.EndsWith ".fsx" -> script file rest
            | rest -> script "experiments/quickstart.fsx" rest)
    | "bench" :: rest -> after [ setup; restore; native; benchmarks ] (fun () -> timed rest)
    | "test" :: ([] | [ _ ] as name) ->
        after [ setup; browser; restore; native; build ] (fun () -> test (List.tryHead name))
    | [ "cuda" ] -> after [ setup; restore; native; build ] cuda
    | "mutate" :: ([] | [ _ ] as name) -> mutate name
    | [ "setup" ] -> after [ setup ] nothing
    | [ "restore" ] -> after [ restore ] nothing
    | [ "native" ] -> after [ setup; native ] nothing
    | [ "build" ] -> after [ setup; restore; native; build ] nothing
    | [ "format" ] -> after [ restore ] (fun () -> format false)
    | [ "format"; "fix" ] -> after [ restore ] (fun () -> format true)
    | [ "clean" ] -> after [ clean ] nothing
    | []
    | [ "help" ] ->
        printfn $"{usage}"
        0
    | other ->
        let words = String.concat " " other
        raise (Trouble $"no such target: {words}; the targets:\n{usage}")

let private code =
    try
        fsi.CommandLineArgs
        |> List.ofArray
        |> List.tail
        |> List.filter ((<>) "--")
        |> main
    with Trouble message ->
        eprintfn $"{message}"
        2

exit code
