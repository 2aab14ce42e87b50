#!/usr/bin/env Rscript
# Work out the headline table of a round from its coded applications, in base R.
#
# Needs the files applications.csv, contrasts.csv and headline.csv in the folder named on the
# command line (default: the working directory):
#
#   Rscript replicate.R FOLDER
#
# Prints the table and "matches" where every number agrees with headline.csv; else prints what
# differs and ends with exit status 1. The rules are those of replicate.py, which explains them:
# units with both levels, four cells, net rates, McNemar's mid-p, and an interval of the net rate
# of usable tests that takes targets as the independent units.

relative <- 1e-8
absolute <- 1e-15
cells <- c("both", "only_control", "only_test", "neither")
numbers <- c(cells, "net_rate_usable", "net_rate_all", "mcnemar_midp",
             "net_rate_usable_low", "net_rate_usable_high")

read_table <- function(folder, name) {
  read.csv(file.path(folder, name), colClasses = "character", na.strings = character(0),
           check.names = FALSE, encoding = "UTF-8", quote = "\"", comment.char = "")
}

used_applications <- function(applications) {
  kept <- applications$status != "test-failed"
  if ("phase" %in% names(applications)) kept <- kept & applications$phase != "confirm"
  applications[kept, , drop = FALSE]
}

parts <- function(text) {
  found <- strsplit(text, "|", fixed = TRUE)[[1]]
  found[found != ""]
}

# One row per unit: the cluster, and whether each arm got a positive reply.
units <- function(applications, contrast) {
  column <- applications[[contrast$column]]
  rows <- applications[column == contrast$control | column %in% parts(contrast$tests), ,
                       drop = FALSE]
  control <- rows[[contrast$column]] == contrast$control
  positive <- rows[[paste0("positive:", contrast$rule)]] == "1"
  cluster <- ifelse(rows$target == "", rows$test, rows$target)
  keys <- rows[c("test", parts(contrast$within))]
  key <- do.call(paste, c(unname(as.list(keys)), sep = "\r"))
  still_open <- unique(key[rows$status == "pending"])
  kept <- !(key %in% still_open)
  if (contrast$several == "first") {
    place <- if ("position" %in% names(rows)) as.numeric(rows$position) else rep(0, nrow(rows))
    in_order <- order(place, rows$profile, method = "radix")
    again <- duplicated(paste(key, control)[in_order])
    kept[in_order[again]] <- FALSE
  }
  key <- factor(key[kept])
  arm <- factor(control[kept], levels = c(TRUE, FALSE))
  best <- tapply(positive[kept], list(key, arm), max)
  first <- match(rownames(best), as.character(key))
  found <- data.frame(control = best[, 1], test = best[, 2], cluster = cluster[kept][first])
  found[!is.na(found$control) & !is.na(found$test), ]
}

midp <- function(b, c) {
  d <- b + c
  if (d == 0) return(1)
  larger <- max(b, c)
  tail <- pbinom(larger - 1, d, 0.5, lower.tail = FALSE)
  if (b == c) 1.5 - tail else tail + pbinom(larger, d, 0.5, lower.tail = FALSE)
}

interval <- function(found, confidence) {
  net <- tapply(found$control - found$test, found$cluster, sum)
  usable <- tapply(pmax(found$control, found$test), found$cluster, sum)
  clusters <- length(net)
  if (clusters < 2 || sum(usable) == 0) return(c(NA, NA))
  rate <- sum(net) / sum(usable)
  squares <- sum((net - rate * usable)^2)
  if (sqrt(squares) <= 1e-13 * sum(abs(net))) return(c(NA, NA))
  error <- sqrt(clusters / (clusters - 1) * squares) / sum(usable)
  half <- qt(0.5 + confidence / 2, clusters - 1) * error
  c(max(-1, rate - half), min(1, rate + half))
}

headline <- function(folder) {
  applications <- used_applications(read_table(folder, "applications.csv"))
  contrasts <- read_table(folder, "contrasts.csv")
  rows <- lapply(seq_len(nrow(contrasts)), function(place) {
    contrast <- contrasts[place, ]
    found <- units(applications, contrast)
    a <- sum(found$control == 1 & found$test == 1)
    b <- sum(found$control == 1 & found$test == 0)
    c <- sum(found$control == 0 & found$test == 1)
    d <- sum(found$control == 0 & found$test == 0)
    limits <- interval(found, as.numeric(contrast$confidence))
    data.frame(
      contrast = contrast$contrast, rule = contrast$rule,
      both = a, only_control = b, only_test = c, neither = d,
      net_rate_usable = if (a + b + c > 0) (b - c) / (a + b + c) else NA,
      net_rate_all = if (a + b + c + d > 0) (b - c) / (a + b + c + d) else NA,
      mcnemar_midp = midp(b, c),
      net_rate_usable_low = limits[1], net_rate_usable_high = limits[2]
    )
  })
  do.call(rbind, rows)
}

differences <- function(found, published) {
  lines <- character(0)
  for (place in seq_len(nrow(published))) {
    row <- published[place, ]
    own <- found[found$contrast == row$contrast & found$rule == row$rule, ]
    for (name in numbers) {
      if (row[[name]] == "") next
      value <- if (nrow(own) == 1) own[[name]] else NA
      published_value <- as.numeric(row[[name]])
      allowed <- relative * abs(published_value) + absolute
      if (is.na(value) || abs(value - published_value) > allowed) {
        lines <- c(lines, paste0(row$contrast, ", ", row$rule, ", ", name, ": ", value,
                                 ", not ", row[[name]]))
      }
    }
  }
  lines
}

arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments)) arguments[1] else "."
found <- headline(folder)
print(found, row.names = FALSE, digits = 6)
wrong <- differences(found, read_table(folder, "headline.csv"))
writeLines(if (length(wrong)) wrong else "matches")
quit(status = if (length(wrong)) 1 else 0)
