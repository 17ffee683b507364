// GNM-PT on ImageNet-LT: 1,000 classes of 1,280 to 5 images.
//
//   ./longtail run experiments/imagenet-lt.fsx --data DIR --device cuda
//
// DIR holds ImageNet_LT_train.txt, ImageNet_LT_test.txt and the images that they name (docs/data.md). Not measured here, and there is
// no range: of published numbers only an unverified 80.4 % is known. The backbone has learnt ImageNet-21k, which holds these very
// images, as every result of this backbone on this set has it.
#load "method.fsx"

open LongTail
open Method

gnmPt "imagenet-lt" ImageNetLt publishedImageNet |> choices deferred |> run
