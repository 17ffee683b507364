namespace LongTail.Commands

open System
open System.IO
open LongTail
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Downloads
open LongTail.Core.Evaluation
open LongTail.Core.Images
open LongTail.Core.Settings

/// What `longtail data` is asked about: a set whose files are known, one that is published as lists, a list file, or a
/// folder of class folders.
type DataSubject =
    | Published of PublishedSet
    | Lists of PublishedList
    | ListFile of file: string
    | Folders of folder: string

/// Fetching, checking and showing data sets.
module DataSets =
    // Of a thousand missing files the first tell which.
    let private shown = 20

    let private called (set: PublishedSet) = $"{set.Set}".ToLowerInvariant()

    let find (word: string) =
        let same (name: string) =
            name.Equals(word.Replace("-", ""), StringComparison.OrdinalIgnoreCase)

        let set = PublishedSet.All |> Seq.tryFind (called >> same)

        let lists =
            PublishedList.All |> Seq.tryFind (fun list -> same (list.Name.Replace("-", "")))

        match set, lists with
        | Some set, _ -> Published set
        | None, Some lists -> Lists lists
        | None, None when word.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) -> ListFile word
        | None, None when Directory.Exists word -> Folders word
        | None, None ->
            let names =
                Seq.append (Seq.map called PublishedSet.All) (PublishedList.All |> Seq.map (fun lists -> lists.Name))
                |> String.concat ", "

            raise (
                InputException
                    $"there is no data set {word}; there is {names}, or give a list file, NAME.txt, or a folder of class folders"
            )

    /// Where a set is fetched to.
    let private target (place: Place) =
        match place.DataFolders with
        | [] -> DataFolder.Own
        | [ folder ] -> folder
        | _ -> raise (InputException "--data: a set is fetched into one folder: name one")

    let private folder (place: Place) set =
        Place.whereabouts place (PublishedImages set)

    /// Fetches a set into the data folder.
    let get place (mirror: string option) (checksum: string option) subject stop =
        match subject with
        | Published set ->
            let folder = target place

            let address =
                mirror
                |> Option.map (fun text -> Fetching.address "a folder" (text.TrimEnd '/' + "/"))

            let sum = checksum |> Option.map Fetching.sum

            if checksum.IsSome && set.Files.Count > 1 then
                raise (InputException $"--checksum: {called set} is {set.Files.Count} files, so one sum cannot do")

            printfn $"{set.Page}: {set.Terms}"

            let length name =
                set.Files[name].Length |> Option.ofNullable |> Option.map float

            Fetching.by (fun download ->
                Display.fetching length (fun progress ->
                    set.Fetch(
                        download,
                        folder,
                        Option.toObj address,
                        Option.toObj sum,
                        (fun name here -> progress name here),
                        stop
                    )))

            [ $"{called set} is in {folder}" ]
        | Lists lists ->
            raise (
                InputException
                    $"{lists.Name}: its authors ask for an account or an archive of its images: put {lists.Train}, {lists.Test} and the images that they name into a folder, and try `longtail data check {lists.Name} --data FOLDER`"
            )
        | ListFile name
        | Folders name ->
            raise (
                InputException
                    $"{name}: a list or a folder is not fetched; `longtail data check {name}` looks for its images"
            )

    /// What no run can read of a list's files, as far as it is known without decoding them.
    let private complete folder decode (list: ImageList) =
        let first (paths: string seq) line =
            let paths = List.ofSeq paths

            [
                yield! paths |> List.truncate shown |> List.map line
                if paths.Length > shown then
                    $"and {paths.Length - shown} more of the {list.Count} images of {list.File}"
            ]

        let struct (missing, empty) = list.Unreadable folder

        [
            yield! first missing (fun path -> $"{folder} lacks {path}")
            // Decoding tells them among the others that are broken.
            if not decode then
                yield!
                    first empty (fun path ->
                        $"{Path.Combine(folder, path)} is empty: replace the file, or {list.Removal}")
        ]

    /// Where the paths of a list begin, of the folders that were named; None where that is its own.
    let private named place file =
        Place.dataFolder place (ListedImages(file, file))

    let private home place (file: string) =
        named place file
        |> Option.defaultWith (fun () -> string (Path.GetDirectoryName(Path.GetFullPath file)))

    /// Why a list whose images are all there is still none to learn from.
    let private gaps (list: ImageList) =
        list.Unlearnable
        |> Option.ofObj
        |> Option.map (fun why -> $"{list.File} {why}; a run takes it to judge by, not to learn from")
        |> Option.toList

    /// Of a list's labels some may have no image.
    let private tail counts =
        let counts = counts |> Array.filter (fun count -> count > 0)

        let count group =
            CountGroups.Usual.Of counts |> Seq.filter ((=) group) |> Seq.length

        let images, classes =
            Decimals.counted (Array.sum counts) "image", Decimals.plural counts.Length "class" "classes"

        $"{images} of {classes}, {Array.max counts} to {Array.min counts} a class; "
        + $"classes of head, medium, tail: {count Group.Head}, {count Group.Medium}, {count Group.Tail} by {GroupRule.words CountGroups.Usual}"

    let private resident (set: PublishedSet) = ResidentSet.Of set.Set

    let private both folder (lists: PublishedList) =
        let read name =
            ImageList.Read(Path.Combine(folder, name))

        read lists.Train, read lists.Test

    /// The images of these lists that cannot be decoded, all of them, and those that the decoder warns of.
    let private tried (place: Place) stop folder (lists: ImageList list) =
        let images = lists |> List.map (fun list -> list.File, FileImages(list, folder))

        let total name =
            images |> List.find (fst >> (=) name) |> snd |> _.Count

        let found =
            Display.counting total (fun tell ->
                [
                    for name, files in images do
                        files.Tried(place.Threads, (fun ready -> lock images (fun () -> tell name ready)), stop)
                ])

        let faults = found |> List.collect (fun struct (faults, _) -> List.ofSeq faults)

        let warnings =
            found |> List.collect (fun struct (_, warnings) -> List.ofSeq warnings)

        match faults with
        | [] when warnings.IsEmpty -> Ok []
        | [] ->
            Ok(
                $"""decoded with a warning, and perhaps damaged: {Decimals.counted warnings.Length "image"}; look at each"""
                :: warnings
            )
        | faults -> Error(faults @ warnings)

    /// What is wrong with a set, a line each; and else what it is. Every file of a list is decoded where that is asked for.
    let check (place: Place) decode stop subject : Result<string list, string list> =
        let verdict folder faults (lists: ImageList list) =
            let doubts =
                [
                    for list in lists do
                        yield! list.Doubts |> Seq.map string
                ]

            match faults with
            | [] when decode -> tried place stop folder lists
            | [] -> Ok []
            | faults -> Error faults
            |> Result.map (fun warnings -> tail (lists.Head.Counts()) :: gaps lists.Head @ doubts @ warnings)

        match subject with
        | Published set ->
            let data = resident set
            let folder = folder place set.Set
            data.Read(folder, false) |> ignore
            Ok [ $"{called set} is in {folder}"; tail ((data.Read(folder, true)).Counts()) ]
        | Lists lists ->
            let folder = folder place lists.Set
            let train, test = both folder lists

            verdict
                folder
                [
                    yield! lists.Faults(train, test)
                    yield! complete folder decode train
                    yield! complete folder decode test
                ]
                [ train; test ]
        | ListFile file ->
            let list = ImageList.Read file
            let folder = home place file
            verdict folder (complete folder decode list) [ list ]
        | Folders folder ->
            let struct (list, _) = ImageList.OfFolders(folder, null)
            verdict folder (complete folder decode list) [ list ]

    let private histogram (counts: int array) =
        let bands = 20
        let sorted = counts |> Array.sortDescending
        let largest = float sorted[0]

        [
            for band in sorted |> Array.splitInto (min bands sorted.Length) do
                let mean = Array.averageBy float band
                let bar = String('█', max 1 (int (Math.Round(50. * mean / largest))))
                $"{band[0], 7} to {Array.last band, -7} {bar}"
        ]

    /// The images' folder, where it is known, and their list with its classes' names.
    let private listed (place: Place) subject =
        match subject with
        | Lists lists ->
            let folder = folder place lists.Set
            Some folder, fst (both folder lists), [||]
        | ListFile file -> named place file, ImageList.Read file, [||]
        | Folders folder ->
            let struct (list, names) = ImageList.OfFolders(folder, null)
            Some folder, list, names
        | Published set -> invalidOp $"{called set} is no list"

    /// The classes from the largest to the smallest, by twentieths, and a contact sheet of a few of them.
    let show (place: Place) (out: string option) (word: string) subject =
        let file =
            out
            |> Option.defaultValue $"{Path.GetFileNameWithoutExtension(Path.GetFullPath(word).TrimEnd '/')}.png"

        OutFile.placeAs "the sheet is a PNG" [ ".png" ] file

        let counts, sheet =
            match subject with
            | Published set ->
                let data = (resident set).Read(folder place set.Set, true)
                let labels = data.Labels |> Array.map int

                data.Counts(),
                Sampled.draw file (data.Counts()) labels (Array.ofSeq data.ClassNames) (Sampled.ofData data)
            | _ ->
                match listed place subject with
                | Some folder, list, names ->
                    list.Counts(),
                    Sampled.draw file (list.Counts()) (Array.ofSeq list.Labels) names (Sampled.ofFiles folder list)
                | None, list, _ -> list.Counts(), [ "no contact sheet: say where the images lie, --data FOLDER" ]

        [ tail counts; yield! histogram counts; yield! sheet ]
