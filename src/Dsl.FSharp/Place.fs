namespace LongTail

open System
open System.Text.RegularExpressions
open LongTail.Core
open LongTail.Core.Settings

/// Where runs happen and who asks for them; it changes no number, so it enters no name.
type Place =
    {
        /// "cpu", "cuda" or "cuda:N".
        Device: string
        /// None looks where the system's package puts the data.
        DataFolder: string option
        /// Cores of a run.
        Threads: int
        /// The script's file; None where there is none, as in a test.
        Script: string option
    }

module Place =
    let here =
        {
            Device = "cpu"
            DataFolder = None
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
        ]

    /// In a line, why the device cannot be computed on; asking for one that is no CPU loads the engine.
    let absence place =
        try
            if place.Device <> "cpu" then
                Machine.Device place.Device |> ignore

            None
        with Mendable why ->
            Some why

    let forRun checkpoint place =
        RunPlace(place.Device, Option.toObj place.DataFolder, checkpoint)
