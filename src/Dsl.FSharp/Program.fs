namespace LongTail

open LongTail.Core

/// The command line. Exit codes: 0: done; 1: a defect of ours; 2: what a person can mend; 130: stopped by a person.
module Program =
    let private refuse line =
        eprintfn $"{line}"
        2

    /// Runs a script's program in a session.
    let private enter (script: string) given hear =
        let program = ScriptFile.compiled script

        Session.enter
            {
                Script = Some script
                Given = given
                Hear = hear
            }

        ScriptFile.run program

    /// All sweeps of a script, as one.
    let private sweepOf script given =
        let heard = ResizeArray()
        enter script given (Some heard.Add)

        if heard.Count = 0 then
            raise (InputException $"{script} says no sweep: end it with `|> run`")

        Seq.reduce Sweep.union heard

    let private answer command given =
        match command.Name, Arguments.words given with
        | "plan", [ script ] -> CommandLine.plan given (sweepOf script given)
        | "run", [ script ] ->
            enter script given None
            0
        | "compile", (_ :: _ as scripts) ->
            scripts |> List.iter (ScriptFile.compiled >> ignore)
            0
        | _ -> refuse $"longtail {command.Name} wants {command.Words}, as in `{command.Example}`"

    [<EntryPoint>]
    let main words =
        try
            match List.ofArray words with
            | []
            | [ "--help" | "-h" | "help" ] ->
                printfn $"{Command.overview ()}"
                0
            | name :: rest ->
                match Command.named name with
                | None -> refuse $"longtail has no command {name}; `longtail --help` lists those that it has"
                | Some command -> answer command (Command.readOrExit command rest)
        with :? InputException as e ->
            refuse e.Message
