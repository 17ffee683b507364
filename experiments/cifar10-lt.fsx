// GNM-PT on CIFAR-10-LT, imbalance factors 10 to 200.
//
//   ./longtail run experiments/cifar10-lt.fsx --data DIR [--small] [--device cuda]
//
// DIR holds cifar-10-batches-bin (`./longtail data get cifar10 --data DIR`). Small has the factor 100 and the backbone of the
// quickstart. Not measured, neither form: CIFAR-10's files were not at hand. Published results of GNM-PT on it are not known.
#load "method.fsx"

open LongTail
open Method

if small () then
    inMinutes "cifar10-lt, small" Cifar10 |> choices 7<epoch> |> run
else
    gnmPt "cifar10-lt" Cifar10 publishedCifar
    |> vary imbalance [ 10.; 50.; 100.; 200. ]
    |> choices deferred
    |> run
