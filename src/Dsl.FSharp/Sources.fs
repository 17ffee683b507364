namespace LongTail

open System.Collections.Generic
open LongTail.Core.Settings

/// How to look into the files that experiments stand on: what there is, or in one line why not.
type Sources =
    {
        Backbone: string -> Result<BackboneFile, string>
        Data: DataSource -> Result<DataFiles, string>
    }

module Sources =
    /// Looks once for each key, however often it is asked.
    let internal once (look: 'key -> 'found) =
        let seen = Dictionary<'key, 'found>()

        fun key ->
            match seen.TryGetValue key with
            | true, known -> known
            | _ ->
                let found = look key
                seen[key] <- found
                found

    /// Those of this machine; each file is looked into once, however many experiments name it.
    /// `find` turns the name that a script gives a file into its path, or tells where it is not.
    let at (find: string -> Result<string, string>) (place: Place) =
        {
            Backbone =
                once (
                    find
                    >> Result.mapError (fun why -> $"{why}; give the path of a Vision Transformer's safetensors file")
                    >> Result.bind BackboneFile.read
                )
            Data = once (DataFiles.read find place.DataFolders)
        }
