/**
 * A replica's machine: what it keeps, and the process that uses it. The process may die at any moment,
 * also while it starts, and between any two of its effects on the world outside: frames and writes.
 */
