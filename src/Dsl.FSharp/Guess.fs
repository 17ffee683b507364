namespace LongTail

open System

/// Which of the known names a person may have meant.
module internal Guess =
    /// As many characters are added, left out, replaced or exchanged with their neighbour.
    let private edits (a: string) (b: string) =
        let d =
            Array2D.init (a.Length + 1) (b.Length + 1) (fun i j -> if i = 0 then j else i)

        for i in 1 .. a.Length do
            for j in 1 .. b.Length do
                let same = if a[i - 1] = b[j - 1] then 0 else 1
                d[i, j] <- List.min [ d[i - 1, j] + 1; d[i, j - 1] + 1; d[i - 1, j - 1] + same ]

                if i > 1 && j > 1 && a[i - 1] = b[j - 2] && a[i - 2] = b[j - 1] then
                    d[i, j] <- min d[i, j] (d[i - 2, j - 2] + 1)

        d[a.Length, b.Length]

    let private plain (name: string) =
        String.filter Char.IsLetterOrDigit (name.ToLowerInvariant())

    /// "learningRate" as "lr".
    let private initials (name: string) =
        plain name[..0] + plain (String.filter Char.IsUpper name[1..])

    /// How far a word is from a name: 0 where they differ in case and signs alone; None where it is another word.
    let private distance word name =
        let short, long = plain word, plain name

        let apart =
            if short = long then
                0
            elif short.Length > 1 && short = initials name then
                1
            elif short.Length > 2 && long.StartsWith(short, StringComparison.Ordinal) then
                1
            else
                edits short long

        if apart <= max 1 (short.Length / 3) && apart < long.Length then
            Some apart
        else
            None

    /// The nearest of the names; None where none is near.
    let nearest names word =
        match
            names
            |> List.choose (fun name -> distance word name |> Option.map (fun apart -> apart, name))
        with
        | [] -> None
        | near -> Some(snd (List.minBy fst near))

    /// The nearest as a question behind what is wrong; nothing where none is near.
    let question names word =
        nearest names word
        |> Option.map (fun name -> $", do you mean {name}?")
        |> Option.defaultValue ""
