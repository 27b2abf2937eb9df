/** How wide a drawing is, in its own units, that fills the page: on a phone fewer of them, so that its text can be read. */
export const pageWidth = () => (matchMedia("(max-width: 40rem)").matches ? 360 : 900);
