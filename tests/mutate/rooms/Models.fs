module LongTail.Tests.Mutation.Models

let private file name = "src/Core.CSharp/Models/" + name

let defects =
    [
        {
            Name = "attention is scaled by the model's width"
            File = file "Block.cs"
            Changes = [ ("Math.Sqrt(headWidth)", "Math.Sqrt(width)") ]
            CaughtBy = "features are those of the definition"
        }
        {
            Name = "prompts are not normalised"
            File = file "Block.cs"
            Changes =
                [
                    ("""Project(Normalise(prompts.unsqueeze(0), "norm1"), 1, 2)""",
                     "Project(prompts.unsqueeze(0), 1, 2)")
                ]
            CaughtBy = "features are those of the definition"
        }
        {
            Name = "the second branch skips the first"
            File = file "Block.cs"
            Changes = [ (".add_(mixed)", ".add_(residual)") ]
            CaughtBy = "features are those of the definition"
        }
        {
            Name = "every block has the first one's prompts"
            File = file "VisionTransformer.cs"
            Changes =
                [
                    ("Forward(before, prompts?.select(0, i))", "Forward(before, prompts?.select(0, 0))")
                ]
            CaughtBy = "features are those of the definition"
        }
        {
            Name = "the read-out is not halved"
            File = file "VisionTransformer.cs"
            Changes = [ ("mean([1])) * 0.5", "mean([1]))") ]
            CaughtBy = "features are those of the definition"
        }
        {
            Name = "LayerNorm's epsilon is PyTorch's default"
            File = file "Architecture.cs"
            Changes = [ ("NormBefore ? 1e-5 : 1e-6", "1e-5") ]
            CaughtBy = "features are those of the definition"
        }
        {
            Name = "the cosine head does not normalise its rows"
            File = file "Classifier.cs"
            Changes =
                [
                    ("F.normalize(features), F.normalize(Own(HeadWeight))", "F.normalize(features), Own(HeadWeight)")
                ]
            CaughtBy = "cosines lie in [-1, 1]"
        }
        {
            Name = "prompts go by the head's group"
            File = file "Classifier.cs"
            Changes = [ ("Prompts => groups.Prompts", "Prompts => groups.Head") ]
            CaughtBy = "a part of the model has its own rate and radius"
        }
        {
            Name = "the cosine head does not normalise features"
            File = file "Classifier.cs"
            Changes = [ ("HeadProduct.Of(F.normalize(features)", "HeadProduct.Of(features") ]
            CaughtBy = "a cosine head's outputs are the cosines"
        }
        {
            Name = "head and prompts are the same draw"
            File = file "Classifier.cs"
            Changes = [ ("Drawn(2, classes", "Drawn(1, classes") ]
            CaughtBy = "prompts and head start as draws of their own"
        }
        {
            Name = "prompts and head start ten times too large"
            File = file "Classifier.cs"
            Changes = [ ("InitialDeviation = 0.02", "InitialDeviation = 0.2") ]
            CaughtBy = "prompts and head start as draws of their own"
        }
        {
            Name = "rows and columns of the positions are exchanged"
            File = file "PositionEmbedding.cs"
            Changes = [ (".flatten(2)", ".transpose(2, 3).flatten(2)") ]
            CaughtBy = "another input side interpolates the position embedding"
        }
        {
            Name = "the class token's position is interpolated away"
            File = file "PositionEmbedding.cs"
            Changes =
                [
                    ("cat([embedding.narrow(1, 0, before), resized], 1)",
                     "cat([resized.narrow(1, 0, before), resized], 1)")
                ]
            CaughtBy = "another input side interpolates the position embedding"
        }
        {
            Name = "keys and queries are joined in the other order"
            File = file "WeightNames.cs"
            Changes = [ ("{q_proj,k_proj,v_proj}", "{k_proj,q_proj,v_proj}") ]
            CaughtBy = "under another program's names gives the same features"
        }
        {
            Name = "quick GELU is as steep as a sigmoid"
            File = file "Block.cs"
            Changes = [ ("hidden * 1.702", "hidden * 1") ]
            CaughtBy = "a variant computes what its definition says"
        }
        {
            Name = "registers come before the class token"
            File = file "VisionTransformer.cs"
            Changes = [ ("[first, registers, rest]", "[registers, first, rest]") ]
            CaughtBy = "a variant computes what its definition says"
        }
        {
            Name = "what CLIP leaves open is taken for GELU"
            File = file "WeightsFile.cs"
            Changes = [ ("(\"norm_pre.weight\") ? null", "(\"norm_pre.weight\") ? Activation.Gelu") ]
            CaughtBy = "leaves open is declared or refused"
        }
        {
            Name = "a native block scales a branch's matrix and not its bias"
            File = file "FrozenBlock.cs"
            Changes = [ ("value.dim() == 1 ? value * factors", "value.dim() == 1 ? value") ]
            CaughtBy = "in double precision, features and gradients are the plain path's"
        }
        {
            Name = "a native block always takes GELU"
            File = file "FrozenBlock.cs"
            Changes = [ ("Activation.QuickGelu ? 1 : 0", "Activation.QuickGelu ? 0 : 0") ]
            CaughtBy = "in double precision, features and gradients are the plain path's"
        }
        {
            Name = "native blocks know no bfloat16"
            File = file "Backbone.cs"
            Changes =
                [
                    ("new Backbone(architecture, tensors, Precision.BFloat16)", "new Backbone(architecture, tensors)")
                ]
            CaughtBy = "native blocks round the factors of their products"
        }
        {
            Name = "a group of images writes where the first group does"
            File = file "BlockPass.cs"
            Changes = [ ("outputs + Bytes(first * s.Read * s.Width)", "outputs") ]
            CaughtBy = "in double precision, features and gradients are the plain path's"
        }
        {
            Name = "what passes the attention by does not reach the prompts"
            File = file "BlockPass.cs"
            Changes =
                [
                    ("var residual = SumOf(residuals);", "var residual = residuals.sum(0).zero_();")
                ]
            CaughtBy = "in double precision, features and gradients are the plain path's"
        }
        {
            Name = "where nothing is kept, every block has the first one's prompts"
            File = file "FrozenBlocks.cs"
            Changes = [ ("prompts.select(0, i)", "prompts.select(0, 0)") ]
            CaughtBy = "outputs have the same bits where nothing is kept for a backward pass"
        }
        {
            Name = "tokens that want a gradient get none"
            File = file "FrozenBlocksFunction.cs"
            Changes =
                [
                    ("ctx.save_data(TokensWanted, tokens.requires_grad)", "ctx.save_data(TokensWanted, false)")
                ]
            CaughtBy = "bits are the same for any number of threads"
        }
        {
            Name = "the last image is left out"
            File = "src/Core.CSharp/Interop/ImageThreads.cs"
            Changes = [ ("var left = images - first;", "var left = images - first - 1;") ]
            CaughtBy = "in double precision, features and gradients are the plain path's"
        }
        {
            Name = "libtorch's fault is told without its operator"
            File = "src/Core.CSharp/Interop/TorchFault.cs"
            Changes = [ ("? $\"{name}: {said}\" : said", "? said : said") ]
            CaughtBy = "a refused operator is named in one line"
        }
        {
            Name = "the head's product takes all threads"
            File = "src/Core.CSharp/Interop/OneThread.cs"
            Changes = [ ("set_num_threads(1)", "set_num_threads(before)") ]
            CaughtBy = "a small run of sgd in Float32 has the same bits"
        }
        {
            Name = "the head's gradients take all threads"
            File = file "HeadProduct.cs"
            Changes = [ ("using var alone = new OneThread();\n        var saved", "var saved") ]
            CaughtBy = "a small run of sgd in Float32 has the same bits"
        }
    ]
