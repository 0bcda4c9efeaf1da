//! Registers: values that keep the greatest or the least of what is reported.

use super::super::reports::Rules;
use super::Order;

/// Replaces the value of a register when the reported one is greater by order and then by value. True when
/// the value changed.
pub fn merge<T: PartialOrd + Clone>(
    register: &mut Option<Order>,
    value: &mut Option<T>,
    order: Order,
    reported: &Option<T>,
) -> bool {
    if reported.is_none() {
        return false;
    }
    if *value == *reported && register.is_some_and(|held| held.without_arrival() >= order.without_arrival()) {
        return false;
    }
    let wins = register.is_none_or(|held| (order, reported) > (held, &*value));
    if !wins {
        return false;
    }
    *register = Some(order);
    let changed = *value != *reported;
    value.clone_from(reported);
    changed
}

/// Replaces a text for display when the reported one is later. True when the text changed.
pub fn merge_text<T: PartialOrd + Clone>(
    rules: Rules,
    register: &mut Option<Order>,
    value: &mut Option<T>,
    order: Order,
    reported: &Option<T>,
) -> bool {
    if rules == Rules::First {
        return merge(register, value, order, reported);
    }
    // An equal text that is reported again is as late as its last report.
    if reported.is_none() || register.is_some_and(|held| order <= held) {
        return false;
    }
    *register = Some(order);
    let changed = *value != *reported;
    value.clone_from(reported);
    changed
}

pub fn keep_greatest<T: PartialOrd>(register: &mut Option<T>, reported: Option<T>) {
    if reported.is_some() && reported > *register {
        *register = reported;
    }
}

pub fn keep_least<T: PartialOrd>(register: &mut Option<T>, reported: Option<T>) {
    if reported.is_some() && (register.is_none() || reported < *register) {
        *register = reported;
    }
}
