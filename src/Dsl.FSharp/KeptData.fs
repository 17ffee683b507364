namespace LongTail

open LongTail.Core.Data

/// Data sets as the runs of a store tell them: results need no files.
module KeptData =
    /// The content hashes of the files that the store's finished runs on this source were of.
    let private hashes store source =
        [
            for hash in Store.hashes store do
                match StoredRun.readable Store.result store hash, StoredRun.readable Store.resolved store hash with
                | Ok(Some _), Ok settings when settings.Data.Source = source -> settings.Data.ContentHash
                | _ -> ()
        ]
        |> List.distinct

    /// A published set that is not here is that of the store's finished runs, where these agree; `tell` hears in a line
    /// which one. What other sets count only their files tell.
    let orElse tell store (sources: Sources) =
        { sources with
            Data =
                Sources.once (fun source ->
                    match sources.Data source, ResidentSet.Of source with
                    | Error why, NonNull set ->
                        match hashes store source with
                        | [ one ] ->
                            tell $"{why}; results are those of the files that the runs in {store.Folder} had"

                            Ok
                                {
                                    Source = source
                                    Facts = set.FactsOf one
                                }
                        | _ -> Error why
                    | found, _ -> found)
        }
