//! Metrics of images: boxes of objects found in them, and images held against a reference.

pub mod boxes;
pub mod coco;
pub mod images;
pub mod matching;
pub mod pairs;
#[cfg(test)]
mod tests;

use super::registry::{Better, Metric, Unit, metric};

const SHARE: (Unit, Better) = (Unit::Share, Better::Higher);
const AREAS: &str = "Lin et al. 2014; pycocotools, areas 0 to 32^2, 32^2 to 96^2, from 96^2";
const COCO: &str = "Lin et al. 2014; pycocotools";

/// Of boxes, in the order they are shown.
pub const METRICS: [Metric; 16] = [
    metric(
        "ap",
        "AP",
        SHARE,
        "mean over classes, IoU 0.50, 0.55, ... 0.95 and recalls 0, 0.01, ... 1 of the best precision from that recall on",
        COCO,
        "Precision of the boxes over all recalls, asking for ever better fits.",
    ),
    metric("ap_50", "AP50", SHARE, "AP at IoU 0.50", COCO, "AP where a box counts that overlaps by half."),
    metric("ap_75", "AP75", SHARE, "AP at IoU 0.75", COCO, "AP where a box must fit well to count."),
    metric("ap_small", "AP small", SHARE, "AP of small objects", AREAS, "AP of objects below 32 x 32 pixels."),
    metric("ap_medium", "AP medium", SHARE, "AP of medium objects", AREAS, "AP of objects up to 96 x 96 pixels."),
    metric("ap_large", "AP large", SHARE, "AP of large objects", AREAS, "AP of objects from 96 x 96 pixels."),
    metric(
        "ar_1",
        "AR1",
        SHARE,
        "mean over classes and IoU of recall, 1 box per image and class",
        COCO,
        "Objects found with one box.",
    ),
    metric("ar_10", "AR10", SHARE, "the same with 10 boxes", COCO, "Objects found with ten boxes."),
    metric("ar_100", "AR100", SHARE, "the same with 100 boxes", COCO, "Objects found with a hundred boxes."),
    metric("ar_small", "AR small", SHARE, "AR100 of small objects", AREAS, "Small objects found."),
    metric("ar_medium", "AR medium", SHARE, "AR100 of medium objects", AREAS, "Medium objects found."),
    metric("ar_large", "AR large", SHARE, "AR100 of large objects", AREAS, "Large objects found."),
    metric(
        "box_precision",
        "Box precision",
        SHARE,
        "TP / (TP + FP) at IoU 0.50, boxes from the score at which the arm's F1 is greatest",
        "count, matched as in pycocotools",
        "Share of the boxes that are an object.",
    ),
    metric(
        "box_recall",
        "Box recall",
        SHARE,
        "TP / (TP + FN) at IoU 0.50, boxes from the score at which the arm's F1 is greatest",
        "count, matched as in pycocotools",
        "Share of the objects that have a box.",
    ),
    metric(
        "box_f1",
        "Box F1",
        SHARE,
        "2 TP / (2 TP + FP + FN) at IoU 0.50, boxes from the score at which it is greatest",
        "count, matched as in pycocotools",
        "Harmonic mean of the precision and the recall of boxes.",
    ),
    metric(
        "mean_iou",
        "Mean IoU",
        SHARE,
        "mean over boxes of the greatest intersection / union with an object of their class, crowds left out",
        "Jaccard 1912; Everingham et al. 2010",
        "How well boxes fit an object of their class; a box of a class that is not in the image counts as 0.",
    ),
];
