namespace LongTail.Commands

open System
open System.IO
open System.Text
open LongTail
open LongTail.Core
open LongTail.Core.Interop

/// The program `longtail`. Exit codes: 0: done; 1: a defect of ours; 2: what a person can mend; 130: stopped by a
/// person.
module Program =
    let private refuse (line: string) =
        eprintfn $"{line}"
        2

    // One write: five thousand lines are a person's wait otherwise.
    let private say (lines: string list) =
        let text = StringBuilder()
        lines |> List.iter (fun line -> text.Append(line).Append('\n') |> ignore)
        Console.Out.Write text
        0

    /// Hears a script to its end in a session of its own: all that it asks for, in its order.
    let private play script given =
        let program = ScriptFile.compiled script

        for option, asks in [ Argument.Weights "", @"\bweightsOr\b"; Argument.Small, @"\bsmall\s*\(" ] do
            let name = Arguments.written option

            if Arguments.has option given && not (ScriptFile.says asks script) then
                raise (InputException $"{name}: {script} does not ask for it; leave it out")

        let requests = ResizeArray()

        let session =
            {
                Script = Some script
                Given = given
                Hear = Some requests.Add
            }

        Session.enter session
        let isHeard = ref false

        AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
            if not isHeard.Value && Environment.ExitCode = 0 then
                eprintfn $"{script} ends itself, and a script runs once it has come to its end: leave `exit` out"
                Environment.ExitCode <- 2)

        try
            ScriptFile.run program
        finally
            isHeard.Value <- true

        if requests.Count = 0 then
            raise (InputException $"{script} asks for nothing: end it with `|> run` behind a sweep")

        session, List.ofSeq requests

    /// All sweeps of a script as one, and the session that they were said in.
    let private heard given script =
        let session, requests = play script given

        match Request.whole requests with
        | Some sweep -> session, sweep
        | None -> raise (InputException $"{script} has nothing to run: end it with `|> run`")

    let private sound plan =
        match plan with
        | Ok plan -> plan
        | Error lines -> raise (InputException(String.concat "\n" lines))

    let private planOf given script =
        heard given script ||> CommandLine.planned |> sound

    /// What is kept of a script's runs.
    let private keptOf given script =
        let session, sweep = heard given script
        let store = Session.store session

        CommandLine.kept session sweep
        |> Result.mapError (fun lines ->
            if Directory.Exists store.Folder then
                lines
                @ [
                    $"results need neither a script nor data: name the store, {store.Folder}, to see all that it keeps"
                ]
            else
                lines)
        |> sound

    let private subject given words =
        let subject = Subject.find (keptOf given) given (List.tryHead words)
        Subject.foreign subject |> List.iter (eprintfn "warning: %s")
        subject

    let private collect (given: Arguments) subject =
        let garbage = Garbage.find (given.Contains Argument.Checkpoints) subject
        let remove = given.Contains Argument.Yes

        say
            [
                for one in garbage do
                    let fate =
                        if not remove then ""
                        elif Garbage.remove subject.Store one then "removed: "
                        else "held by another process: "

                    fate + Garbage.line one
                yield! Garbage.total garbage
                if given.Contains Argument.Checkpoints then
                    yield! Garbage.kept subject
                if garbage.IsEmpty then
                    $"nothing to remove in {subject.Store.Folder}"
                elif not remove then
                    "--yes removes these"
            ]

    let private compare (given: Arguments) a b =
        let store = Session.store (Session.bare given)
        let a, b = Subject.hash store a, Subject.hash store b

        match SideBySide.rows (given.Contains Argument.All) store a b with
        | [] -> say [ "the two do not differ" ]
        | rows ->
            Display.grid (SideBySide.table a b rows)
            0

    let private origin (given: Arguments) =
        given.TryGetResult Argument.From, given.TryGetResult Argument.Checksum

    let private untilStopped (kept: string) act =
        CommandLine.untilAsked (fun stop ->
            try
                act stop
            with :? OperationCanceledException ->
                eprintfn $"stopped: {kept}"
                130)

    let private fetching fetch =
        untilStopped "what is here is kept, and the same command goes on from there" (fetch >> say)

    /// Every script, whatever becomes of those before it, with a line for each.
    let private compileAll scripts =
        let fault script =
            try
                ScriptFile.compiled script |> ignore
                printfn $"{script}: compiled"
                None
            with Mendable why ->
                eprintfn $"{script}: {why}"
                Some why

        if scripts |> List.choose fault |> List.isEmpty then
            0
        else
            2

    let private answer command given =
        match command.Name, Arguments.words given with
        | "plan", [ script ] -> heard given script ||> CommandLine.plan
        | "run", [ script ] when given.Contains Argument.Dry_Run -> heard given script ||> CommandLine.plan
        | "run", [ script ] -> play script given ||> Performing.perform
        | "check", [ script ] -> heard given script ||> CommandLine.check
        | "status", ([] | [ _ ] as about) ->
            let subject = subject given about

            say (
                if given.Contains Argument.Json then
                    [ Status.json subject ]
                else
                    Status.lines subject
            )
        | "verify", ([] | [ _ ] as about) ->
            let lines, whole = Verify.lines (subject given about)
            say lines |> ignore
            if whole then 0 else 2
        | "show", [ hash ] ->
            let store = Session.store (Session.bare given)
            let hash = Subject.hash store hash

            say (
                if given.Contains Argument.Json then
                    [ Show.json store hash ]
                else
                    Show.lines store hash
            )
            |> ignore

            if (StoredRun.find store hash).State.IsDamaged then 2 else 0
        | "diff", [ a; b ] -> compare given a b
        | "export", (format :: ([] | [ _ ] as about)) ->
            let write = Export.writer format
            let subject = subject given about
            let rows, absent = ExportRow.withFrozen subject, AbsentRow.ofSubject subject

            if rows.IsEmpty then
                eprintfn $"no run in {subject.Store.Folder} is finished, so the table is empty"

            Console.Out.Write(write rows absent)
            if Gaps.failed (absent |> List.map _.Gap) then 2 else 0
        | "report", ([] | [ _ ] as about) ->
            if Reports.Reporting.write given (fun () -> subject given about) then
                0
            else
                2
        | "gc", ([] | [ _ ] as about) -> collect given (subject given about)
        | "data", [ "get"; name ] ->
            let from, checksum = origin given
            fetching (DataSets.get (Arguments.place given) from checksum (DataSets.find name))
        | "data", [ "check"; name ] ->
            let decode = given.Contains Argument.Decode

            untilStopped "nothing was changed" (fun stop ->
                match DataSets.check (Arguments.place given) decode stop (DataSets.find name) with
                | Ok lines -> say lines
                | Error faults ->
                    faults |> List.iter (eprintfn "%s")
                    2)
        | "data", [ "show"; name ] ->
            say (DataSets.show (Arguments.place given) (given.TryGetResult Argument.Out) name (DataSets.find name))
        | "weights", [] -> say (Weights.all ())
        | "weights", [ "get"; name ] ->
            let from, checksum = origin given
            fetching (Weights.get from checksum (given.TryGetResult Argument.Out) (Weights.find name))
        | "weights", [ "show"; file ] -> say (Weights.show file)
        | "doctor", [] ->
            let findings = Doctor.findings (Session.bare given)

            say (Doctor.lines findings) |> ignore
            Doctor.exitCode findings
        | "bench", [ script ] ->
            Display.grid (Bench.table (Bench.measured (Arguments.place given) (planOf given script)))
            0
        | "surface", [ script ] ->
            let plan = planOf given script
            let store = Session.store (Session.current ())

            untilStopped "surfaces that are measured are kept" (fun stop ->
                match Surface.measure store (Arguments.place given) (printfn "%s") stop plan with
                | [] -> 0
                | lost ->
                    lost |> List.iter (eprintfn "%s")
                    2)
        | "compile", (_ :: _ as scripts) -> compileAll scripts
        | _ -> refuse $"longtail {command.Name} takes {Command.about command}, as in `{command.Example}`"

    let private obey words =
        match words with
        | []
        | [ "--help" | "-h" | "help" ] -> say [ Command.overview () ]
        | [ "--version" ] -> say [ $"longtail {Provenance.version}" ]
        | name :: rest ->
            match Command.named name with
            | None ->
                let meant = Guess.question (Command.all |> List.map _.Name) name

                let name =
                    if String.IsNullOrWhiteSpace name then
                        "without a name"
                    else
                        name

                refuse $"longtail has no command {name}{meant}; `longtail --help` lists those that it has"
            | Some command ->
                match Command.read command rest with
                | Ok(Some given) ->
                    // A script loads the engine where it runs, and the doctor says that it is missing.
                    if List.contains name [ "data"; "weights"; "bench"; "surface" ] then
                        Engine.Load()

                    answer command given
                | Ok None -> say [ Command.help command ]
                | Error fault -> refuse fault

    [<EntryPoint>]
    let main words =
        try
            obey (List.ofArray words)
        with
        | Mendable why -> refuse why
        | e ->
            eprintfn $"{TorchFault.Text(e.GetBaseException())}"
            1
