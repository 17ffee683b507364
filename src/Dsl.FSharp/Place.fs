namespace LongTail

open System
open System.IO
open System.Text.RegularExpressions
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Settings

/// Where runs happen and who asks for them; it changes no number, so it enters no name.
type Place =
    {
        /// "cpu", "cuda" or "cuda:N".
        Device: string
        /// Of data sets, or above them; what is in none of them is looked for where it usually lies.
        DataFolders: string list
        /// Cores of a run.
        Threads: int
        /// The script's file; None where there is none, as in a test.
        Script: string option
    }

module Place =
    let here =
        {
            Device = "cpu"
            DataFolders = []
            Threads = Environment.ProcessorCount
            Script = None
        }

    let errors place =
        [
            if not (Regex.IsMatch(place.Device, @"^(cpu|cuda(:\d+)?)$")) then
                Problem.ofOption "--device" place.Device "is no device" "give cpu, cuda or cuda:N"
            if place.Threads < 1 then
                Problem.ofOption "--threads" $"{place.Threads}" "computes nothing" "give 1 or more"
            if place.Threads > here.Threads then
                Problem.ofOption
                    "--threads"
                    $"{place.Threads}"
                    $"asks for more than this machine's {here.Threads} cores"
                    $"give at most {here.Threads}"
            for folder in place.DataFolders do
                if not (Directory.Exists folder) then
                    Problem.ofOption "--data" folder "is no folder" "name the folder of a data set, or one above it"
        ]

    /// In a line, why the device cannot be computed on; asking for one that is no CPU loads the engine.
    let absence place =
        try
            if place.Device <> "cpu" then
                Machine.Device place.Device |> ignore

            None
        with Mendable why ->
            Some why

    /// The folder of a set's files, or that its lists' paths begin in; None where the source says it all. Throws
    /// InputException where it is nowhere.
    let dataFolder place (source: DataSource) =
        DataFolder.Of(source, ResizeArray place.DataFolders) |> Option.ofObj

    /// In words, where the files of a source that was planned were found.
    let whereabouts place (source: DataSource) =
        let folder = dataFolder place source

        match source, folder with
        | :? ListedImages as lists, Some folder -> $"{lists.Train} and {lists.Test}, their images in {folder}"
        | :? ListedImages as lists, None -> $"{lists.Train} and {lists.Test}, their images beside them"
        | :? ClassFolders as folders, _ -> $"{folders.Train} and {folders.Test}"
        | _, Some folder -> folder
        | _, None -> "no folder of its own"

    let forRun checkpoint (settings: RunSettings) place =
        let folder =
            try
                dataFolder place settings.Data.Source
            with :? InputException ->
                // The trainer tells what is missing.
                List.tryHead place.DataFolders

        RunPlace(place.Device, Option.toObj folder, checkpoint)
