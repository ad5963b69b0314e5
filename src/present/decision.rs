//! View model of decision.
