// GNM-PT on iNaturalist 2018: 8,142 classes of 1,000 to 2 images.
//
//   ./longtail run experiments/inaturalist2018.fsx --data DIR --device cuda
//   ./longtail check experiments/inaturalist2018.fsx --data DIR
//
// DIR holds iNaturalist18_train.txt, iNaturalist18_val.txt and the images that they name (docs/data.md). Not measured here. The range
// is the published result, 76.5 % (head 61.5, medium 77.1, tail 79.3, one seed), give or take a point.
#load "method.fsx"

open LongTail
open Method

gnmPt "inaturalist2018" INaturalist2018 (publishedImageNet |> normalise iNaturalist)
|> choices deferred
|> expect accuracy [ "gnm, GCL+DRW", 75.5, 77.5 ]
|> run
