//! View of decision.
