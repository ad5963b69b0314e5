//! Objects of images and the boxes that models found in them.

/// Coordinates in pixels as COCO writes them: left, top, width, height.
pub type Xywh = [f64; 4];

/// An object of the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrueBox {
    /// Place in [`Boxes::classes`].
    pub class: u32,
    pub place: Xywh,
    /// Square pixels; with COCO those of the outline, not of the box.
    pub area: f64,
    /// A region of many objects.
    pub crowd: bool,
}

/// A box of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundBox {
    /// Place in [`Boxes::classes`].
    pub class: u32,
    pub place: Xywh,
    pub score: f64,
}

/// An image; a row of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Name of its file as the annotations give it.
    pub file: Option<String>,
    /// Width and height in pixels.
    pub size: Option<[u32; 2]>,
    /// Empty where the image is not annotated; [`super::Log::labels`] tells that from an image without objects.
    pub objects: Vec<TrueBox>,
}

/// Objects and boxes, row by row.
#[derive(Clone, Debug, Default)]
pub struct Boxes {
    /// Names of the classes, ascending by their number.
    pub classes: Vec<String>,
    pub pictures: Vec<Picture>,
    /// Champion first; boxes of each row in the order of the file.
    pub arms: Vec<Vec<Vec<FoundBox>>>,
}

impl Boxes {
    /// Name of a class.
    pub fn name(&self, class: u32) -> &str {
        self.classes.get(class as usize).map_or("", String::as_str)
    }

    pub(super) fn bytes(&self) -> usize {
        let found =
            |rows: &Vec<Vec<FoundBox>>| rows.iter().map(|row| 24 + row.len() * size_of::<FoundBox>()).sum::<usize>();
        let picture = |picture: &Picture| size_of::<Picture>() + picture.objects.len() * size_of::<TrueBox>();
        self.arms.iter().map(found).sum::<usize>() + self.pictures.iter().map(picture).sum::<usize>()
    }
}
