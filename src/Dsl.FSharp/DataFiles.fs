namespace LongTail

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
    /// `find` turns the name that a script gives a file into its path.
    let read (find: string -> string) (folder: string option) (source: DataSource) =
        let path name =
            match folder with
            | Some folder when Path.Exists(Path.Combine(folder, name)) -> Path.Combine(folder, name)
            | _ -> find name

        let found: DataSource =
            match source with
            | :? ListedImages as lists -> ListedImages(path lists.Train, path lists.Test)
            | :? ClassFolders as folders -> ClassFolders(path folders.Train, path folders.Test)
            | published -> published

        try
            Ok
                {
                    Source = found
                    Facts = DataFacts.Of(found, Option.toObj folder)
                }
        with :? InputException as e ->
            Error e.Message
