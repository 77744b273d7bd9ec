export const nothing = 'to connect with'
