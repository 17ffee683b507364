namespace LongTail

open System
open System.IO
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Settings

/// What the language has to know of a data set's files.
type DataFiles =
    {
        /// With the paths at which its lists or folders were found.
        Source: DataSource
        Facts: DataFacts
    }

module DataFiles =
    let private missing (name: string) why =
        let elsewhere =
            if Path.IsPathRooted name then
                ""
            else
                ", or name with --data a folder that holds it"

        $"{name}: {why}: mend its path in the script{elsewhere}"

    /// `find` turns the name that a script gives a file into its path, or tells where it is not.
    let read (find: string -> Result<string, string>) (folders: string list) (source: DataSource) =
        let path what name =
            match
                folders
                |> List.map (fun folder -> Path.Combine(folder, name))
                |> List.tryFind Path.Exists
            with
            | _ when String.IsNullOrWhiteSpace name -> Error $"the name of the {what} is empty: give it in the script"
            | Some path -> Ok path
            | None -> find name |> Result.mapError (missing name)

        let both kind make train test =
            match path $"{kind} to learn from" train, path $"{kind} to judge by" test with
            | Ok train, Ok test -> Ok(make (train, test))
            | Error train, Error test -> Error $"{train}; {test}"
            | Error why, _
            | _, Error why -> Error why

        let found: Result<DataSource, string> =
            match source with
            | :? ListedImages as lists ->
                both "list" (fun (train, test) -> ListedImages(train, test)) lists.Train lists.Test
            | :? ClassFolders as folders ->
                both "folder" (fun (train, test) -> ClassFolders(train, test)) folders.Train folders.Test
            | published -> Ok published

        found
        |> Result.bind (fun found ->
            try
                Ok
                    {
                        Source = found
                        Facts = DataFacts.Of(found, DataFolder.Of(found, ResizeArray folders))
                    }
            with :? InputException as e ->
                Error e.Message)
