//! Steps of the size of a page.

use posthouse_engine::model::TabAction;

const STEPS: [f64; 9] = [0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0];

/// The size after what the person does.
pub(super) fn zoomed(zoom: f64, action: TabAction) -> f64 {
    let next = match action {
        TabAction::ZoomIn => STEPS.iter().find(|step| **step > zoom + 0.001),
        TabAction::ZoomOut => STEPS.iter().rev().find(|step| **step < zoom - 0.001),
        _ => None,
    };
    match (next, action) {
        (Some(step), _) => *step,
        (None, TabAction::ZoomReset) => 1.0,
        (None, _) => zoom,
    }
}

#[cfg(test)]
mod tests {
    use posthouse_engine::model::TabAction;

    use super::zoomed;

    #[test]
    fn zoom_goes_in_steps_and_ends_somewhere() {
        assert_eq!(zoomed(1.0, TabAction::ZoomIn), 1.1);
        assert_eq!(zoomed(1.0, TabAction::ZoomOut), 0.9);
        assert_eq!(zoomed(2.0, TabAction::ZoomIn), 2.0);
        assert_eq!(zoomed(0.5, TabAction::ZoomOut), 0.5);
        assert_eq!(zoomed(1.5, TabAction::ZoomReset), 1.0);
    }
}
